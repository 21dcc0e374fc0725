// SPDX-License-Identifier: GPL-2.0-only
// arch/powerpc/platforms/pseries/mobility.c: the kernel's action for each entry of firmware's list of nodes.
import { watch, type Machine, type Watch } from '@pfo-workbench/machine'

/** A word of a work area. Work areas are big-endian; C passes the word unconverted. */
function wordOf(machine: Machine, value: bigint): number {
  const word = Number(BigInt.asUintN(32, value))
  if (machine.memory.endian === 'big') return word
  const swapped = ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)
  return swapped >>> 0
}

/** The phandle of the node in an entry. Up to v5.17 the argument is the phandle, since then it is the node. */
function phandleOf(machine: Machine, value: bigint): number {
  if (!machine.memory.holds(value, machine.layouts.sizeOf('device_node'))) return wordOf(machine, value)
  return Number(machine.view('device_node', value).unsigned('phandle'))
}

const resultOf = (result: bigint): number => Number(BigInt.asIntN(32, result))

/** Records calls of a function. Reads the phandle before the call, because the node may be freed when it returns. */
function entryWatch(action: 'delete' | 'update' | 'add', name: string): Watch {
  return watch<number>({
    kind: 'function',
    name,
    file: 'arch/powerpc/',
    enter: (machine, [node]) => phandleOf(machine, node),
    leave: (machine, [, second], phandle, result) => {
      const drcIndex = action === 'add' ? wordOf(machine, second) : null
      machine.journal.emit('mobility.entry', { action, phandle, drcIndex, result: resultOf(result) })
    },
  })
}

export const mobility: readonly Watch[] = [
  entryWatch('delete', 'delete_dt_node'),
  entryWatch('update', 'update_dt_node'),
  entryWatch('add', 'add_dt_node'),
]
