// SPDX-License-Identifier: GPL-2.0-only
import type { Finder } from '@pfo-workbench/conformance/replay'
import { addressOf, type Machine } from '@pfo-workbench/machine'

/** Calls a finder. Returns a pointer to the node, with the reference that the finder took; 0 if it found no node. */
export function find(machine: Machine, finder: Finder): bigint {
  if (finder.how === 'of_find_node_by_phandle') return machine.call(finder.how, finder.handle)
  const text = machine.allocator.reserve(finder.text.length + 1)
  machine.memory.setString(addressOf(text), finder.text)
  switch (finder.how) {
    case 'of_find_node_by_path':
      return machine.call('of_find_node_opts_by_path', text, 0n)
    case 'of_find_compatible_node':
      return machine.call(finder.how, 0n, 0n, text)
    default:
      return machine.call(finder.how, 0n, text)
  }
}
