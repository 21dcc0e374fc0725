// SPDX-License-Identifier: GPL-2.0-only
// The hypervisor, as called by arch/powerpc/platforms/pseries/hvCall.S. It gives the answers that a partition with one
// processor and no coprocessor gets (arch/powerpc/include/asm/hvcall.h).
import { modelledWithAll, type HostFunctions, type Machine } from '@pfo-workbench/machine'
import { named } from './named.ts'
import { nextRandom } from './random.ts'

const hcalls = {
  H_JOIN: 0x298n,
  H_VASI_STATE: 0x2a4n,
  H_RANDOM: 0x300n,
  H_COP: 0x304n,
  H_PROD: 0xe8n,
} as const

const H_SUCCESS = 0
const H_CONTINUE = 18
const H_FUNCTION = -2
/** States of a migration: the partition may be suspended now; all of its memory has been moved. */
const vasi = { H_VASI_SUSPENDING: 3n, H_VASI_COMPLETED: 6n } as const

const key = Symbol('hypervisor')

/**
 * The task that last suspended the partition. For this task the migration is complete; for all other tasks a new one
 * can begin.
 */
function suspendedBy(machine: Machine): { pid: number } {
  return machine.stateOf(key, () => ({ pid: 0 }))
}

/** Records that the current task suspended the partition. */
export function noteSuspension(machine: Machine): void {
  suspendedBy(machine).pid = machine.current.pid
}

/** A call without outputs. H_COP succeeds, as in the models. */
const call = modelledWithAll((_machine, [opcode = 0n]) => {
  // With one processor, all others have already joined.
  if (opcode === hcalls.H_JOIN) return H_CONTINUE
  return opcode === hcalls.H_COP || opcode === hcalls.H_PROD ? H_SUCCESS : H_FUNCTION
})

/** A call with outputs. The second parameter points to their buffer. */
const callWithOutputs = modelledWithAll((machine: Machine, [opcode = 0n, outputs = 0n]) => {
  if (opcode === hcalls.H_VASI_STATE) {
    const isOver = suspendedBy(machine).pid === machine.current.pid
    machine.checked.setU64(outputs, isOver ? vasi.H_VASI_COMPLETED : vasi.H_VASI_SUSPENDING)
    return H_SUCCESS
  }
  if (opcode === hcalls.H_RANDOM) {
    machine.checked.setU64(outputs, nextRandom(machine))
    return H_SUCCESS
  }
  return H_FUNCTION
})

export const hypervisor: HostFunctions = {
  ...named(call, 'plpar_hcall_norets', 'plpar_hcall_norets_notrace'),
  ...named(callWithOutputs, 'plpar_hcall', 'plpar_hcall9', 'plpar_hcall_raw', 'plpar_hcall9_raw'),
}
