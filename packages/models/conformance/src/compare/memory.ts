// SPDX-License-Identifier: GPL-2.0-only
import type { Recording } from '../recording.ts'

const REUSED = /^memory of (\S+) is reused$/
const NEW_NODE = /^new node (\S+) \(/

/**
 * Which nodes lay in the same memory one after the other. The recorded allocator gave the memory of freed nodes to new
 * ones, and the recording says so; the models never do.
 */
export class SharedMemory {
  /** For a node in reused memory, the first node that lay there. */
  readonly #first = new Map<string, string>()

  /** For a node whose memory has a new owner, the step since which it has. */
  readonly #reusedIn = new Map<string, number>()

  constructor(recording: Recording) {
    let reused: string | undefined
    for (const { step, line } of recording.steps.flatMap(({ step, lifecycle }) =>
      lifecycle.map((line) => ({ step, line })),
    )) {
      reused = REUSED.exec(line)?.[1] ?? reused
      const node = NEW_NODE.exec(line)?.[1]
      if (node === undefined || reused === undefined) continue
      this.#first.set(node, this.#memoryOf(reused))
      this.#reusedIn.set(reused, step)
      reused = undefined
    }
  }

  /** Whether the memory of a node has a new owner at the end of a step. */
  hasNewOwner(node: string, step: number): boolean {
    const since = this.#reusedIn.get(node)
    return since !== undefined && since <= step
  }

  #memoryOf(node: string): string {
    return this.#first.get(node) ?? node
  }

  /** Whether two nodes lay in the same memory. */
  isSame(a: string, b: string): boolean {
    return this.#memoryOf(a) === this.#memoryOf(b)
  }

  /**
   * Whether a recorded pointer and a replayed one lead to the same memory: to the same node in the same state of life, or
   * in the replay to a freed node and in the recording to one that lies where that node was.
   */
  agree(recorded: string, replayed: string): boolean {
    if (recorded === replayed) return true
    const freed = /^(.*)\(freed\)$/.exec(replayed)?.[1]
    if (freed === undefined) return false
    const node = recorded.replace(/\(.*\)$/, '')
    return this.isSame(node, freed)
  }
}
