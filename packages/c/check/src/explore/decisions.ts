// SPDX-License-Identifier: GPL-2.0-only
import type { EndReason } from '../path/path-end.ts'

/** One outcome of a decision, or the beginning: what was found on the way to the next decision, and what follows. */
export interface Edge {
  /** The outcome as text, such as `of_get_property() == NULL`, with the function it was decided in. */
  readonly label: string
  /** Keys of findings. */
  readonly findings: Set<string>
  /** The next decision, how the path ended, or null as long as nobody went there. */
  next: Decision | EndReason | 'returned' | null
}

/** A point at which paths part. */
export interface Decision {
  readonly whenTrue: Edge
  readonly whenFalse: Edge
}

/** A new edge. */
export function edge(label: string): Edge {
  return { label, findings: new Set(), next: null }
}
