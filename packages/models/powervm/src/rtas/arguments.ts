// SPDX-License-Identifier: GPL-2.0-only
import { viewOf } from '../bytes.ts'
import { MIGRATION_SCOPE, PRRN_SCOPE, type Scope } from '../node-notice.ts'

/** An argument of an RTAS call: a 32-bit word, or a buffer that firmware reads and writes in place. */
export type RtasArgument = number | Uint8Array

/** Size of every work area in bytes. */
export const WORK_AREA_SIZE = 4096

/** A work area and a big-endian view of it. */
export interface WorkArea {
  readonly bytes: Uint8Array
  readonly view: DataView
}

/** The argument as a work area; undefined if it is not one. */
export function areaArgument(argument: RtasArgument | undefined): WorkArea | undefined {
  if (!(argument instanceof Uint8Array) || argument.length < WORK_AREA_SIZE) return undefined
  const bytes = argument.subarray(0, WORK_AREA_SIZE)
  return { bytes, view: viewOf(bytes) }
}

/** The argument as an unsigned word; undefined if it is not a number. */
export function wordArgument(argument: RtasArgument | undefined): number | undefined {
  return typeof argument === 'number' ? argument >>> 0 : undefined
}

/** The argument as the scope of an update, signed or unsigned; undefined if it is not one. */
export function scopeArgument(argument: RtasArgument | undefined): Scope | undefined {
  const scope = typeof argument === 'number' ? argument | 0 : undefined
  return scope === MIGRATION_SCOPE || scope === PRRN_SCOPE ? scope : undefined
}
