// SPDX-License-Identifier: GPL-2.0-only
import type { Type } from './types.ts'

/** Attributes of a parameter, an argument or a result that change what code does. Others are read over. */
export interface ParameterAttributes {
  readonly signExtend: boolean
  readonly zeroExtend: boolean
  readonly nonNull: boolean
  /** The callee gets a copy of the object of this type that the pointer points to. */
  readonly byValue: Type | null
  /** The pointer is where the callee puts its result of this type. */
  readonly structResult: Type | null
  /** What an assembler operand in memory (`*m`) points to. */
  readonly elementType: Type | null
  /** In bytes; 0 where the IR does not say it. */
  readonly alignment: number
}

/** No attributes. */
export const noAttributes: ParameterAttributes = {
  signExtend: false,
  zeroExtend: false,
  nonNull: false,
  byValue: null,
  structResult: null,
  elementType: null,
  alignment: 0,
}
