// SPDX-License-Identifier: GPL-2.0-only
import { currentMachine, emitEvent } from '@pfo-workbench/kernel'

/** The hypervisor does not implement the call (arch/powerpc/include/asm/hvcall.h, v4.18). */
export const H_FUNCTION: number = -2
/** Queries the state of a migration (arch/powerpc/include/asm/hvcall.h, v4.18). */
export const H_VASI_STATE = 0x2a4

const names: ReadonlyMap<number, string> = new Map([[H_VASI_STATE, 'H_VASI_STATE']])

/**
 * Models `plpar_hcall` (arch/powerpc/include/asm/hvcall.h, v4.18).
 *
 * @param retbuf - filled with the return values other than the status
 * @returns the status, 0 for success; `H_FUNCTION` if the machine has no firmware, or if its firmware answers
 *   no such calls
 */
export function plpar_hcall(opcode: number, retbuf: number[], ...args: readonly number[]): number {
  const [status = H_FUNCTION, ...rest] = currentMachine().firmware?.hcall?.(opcode, args) ?? []
  retbuf.splice(0, retbuf.length, ...rest)
  emitEvent('hcall', { call: names.get(opcode) ?? `0x${opcode.toString(16)}`, status })
  return status
}
