// SPDX-License-Identifier: GPL-2.0-only
import type { RecordedKernel } from './recorded-kernel.ts'
import type { TrackedNodes } from './tracked-nodes.ts'

/** Reuses the memory of freed nodes as the recorded allocator did. */
export class RecordedAllocator {
  #pending: (string | null)[] = []

  constructor(kernel: RecordedKernel, nodes: TrackedNodes) {
    kernel.reuseMemory(() => {
      const name = this.#pending.shift() ?? null
      if (name === null) return null
      nodes.refresh()
      return nodes.byId(name)?.object ?? null
    })
  }

  /** Selects the memory of each new node of the next step: the memory of a freed node, or fresh memory (null). */
  expect(memory: readonly (string | null)[]): void {
    this.#pending = [...memory]
  }
}
