// SPDX-License-Identifier: GPL-2.0-only
import { injectMemoryReuse, isFreed, type Machine } from '@pfo-workbench/kernel'
import type { TrackedNodes } from './tracked-nodes.ts'

/** Hands freed nodes out again as the recorded allocator did. */
export class RecordedAllocator {
  #pending: (string | null)[] = []

  constructor(machine: Machine, nodes: TrackedNodes) {
    machine.inspect(() => {
      injectMemoryReuse((struct) => {
        if (struct !== 'device_node') return null
        const name = this.#pending.shift() ?? null
        if (name === null) return null
        nodes.refresh()
        const memory = nodes.byId(name)?.np
        return memory !== undefined && isFreed(memory) ? memory : null
      })
    })
  }

  /** Says what the nodes of the next step get: the memory of a freed node, or fresh memory (null). */
  expect(memory: readonly (string | null)[]): void {
    this.#pending = [...memory]
  }
}
