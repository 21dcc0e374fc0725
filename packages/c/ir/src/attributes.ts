// SPDX-License-Identifier: GPL-2.0-only
import type { Type } from './types.ts'

/** Attributes of a parameter, an argument or a result that change what code does. Other attributes are ignored. */
export interface ParameterAttributes {
  readonly signExtend: boolean
  readonly zeroExtend: boolean
  readonly nonNull: boolean
  /** Type of the object that the callee gets as a copy; the pointer points to the original. (`byval`) */
  readonly byValue: Type | null
  /** Type of the result that the callee writes through the pointer. (`sret`) */
  readonly structResult: Type | null
  /** Pointee type of an inline assembler memory operand (`*m`). */
  readonly elementType: Type | null
  /** In bytes; 0 if the IR states none. */
  readonly alignment: number
}

/** The attributes of a parameter for which the IR states none. */
export const noAttributes: ParameterAttributes = {
  signExtend: false,
  zeroExtend: false,
  nonNull: false,
  byValue: null,
  structResult: null,
  elementType: null,
  alignment: 0,
}
