// SPDX-License-Identifier: GPL-2.0-only
// fs/proc: files that the kernel creates, by path, with their operations.
import { modelled, type HostFunctions, type Machine } from '@pfo-workbench/machine'
import { named } from './named.ts'

/** A file, directory or link of `/proc`. */
export interface ProcEntry {
  /** Path below `/proc`, without a leading slash. */
  readonly path: string
  /** Pointer to its `proc_ops`, or to `file_operations` before v5.6; 0 if it is not a file. */
  readonly operations: bigint
}

const key = Symbol('proc')

function entriesOf(machine: Machine): Map<bigint, ProcEntry> {
  return machine.stateOf(key, () => new Map<bigint, ProcEntry>())
}

/** The file at a path below `/proc`; null if it does not exist. */
export function findProcFile(machine: Machine, path: string): ProcEntry | null {
  return (
    [...entriesOf(machine).values()].find((entry) => entry.path === path && entry.operations !== 0n) ?? null
  )
}

/** Creates an entry. C only has its address. */
function create(machine: Machine, name: bigint, parent: bigint, operations: bigint): bigint {
  const directory = entriesOf(machine).get(parent)?.path
  const own = machine.memory.stringAt(name) ?? ''
  const path = directory === undefined ? own : `${directory}/${own}`
  const entry = machine.allocator.reserve(16)
  entriesOf(machine).set(entry, { path, operations })
  return entry
}

function remove(machine: Machine, path: string): void {
  const entries = entriesOf(machine)
  for (const [pointer, entry] of entries) {
    if (entry.path === path || entry.path.startsWith(`${path}/`)) entries.delete(pointer)
  }
}

export const proc: HostFunctions = {
  ...named(
    modelled(['u64', 'u32', 'u64', 'u64'], (machine, name, _mode, parent, operations) =>
      create(machine, name, parent, operations),
    ),
    'proc_create',
    'proc_create_data',
  ),
  ...named(
    modelled(['u64', 'u64'], (machine, name, parent) => create(machine, name, parent, 0n)),
    'proc_mkdir',
    'proc_symlink',
  ),
  proc_remove: modelled(['u64'], (machine, pointer) => {
    const entry = entriesOf(machine).get(pointer)
    if (entry !== undefined) remove(machine, entry.path)
  }),
  remove_proc_entry: modelled(['u64', 'u64'], (machine, name, parent) => {
    const directory = entriesOf(machine).get(parent)?.path
    const own = machine.memory.stringAt(name) ?? ''
    remove(machine, directory === undefined ? own : `${directory}/${own}`)
  }),
  proc_set_size: modelled([], () => 0),
}
