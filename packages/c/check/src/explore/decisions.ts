// SPDX-License-Identifier: GPL-2.0-only
import type { EndReason } from '../path/path-end.ts'

/** One outcome of a decision, or the start of all paths: the findings up to the next decision, and that decision. */
export interface Edge {
  /** The outcome as text, such as `of_get_property() == NULL`, with the function that decided it. */
  readonly label: string
  /** Keys of findings. */
  readonly findings: Set<string>
  /** The next decision, or how the path ended. Null until a path continues here. */
  next: Decision | EndReason | 'returned' | null
}

/** A point where paths split. */
export interface Decision {
  readonly whenTrue: Edge
  readonly whenFalse: Edge
}

/** Creates an edge without findings. */
export function edge(label: string): Edge {
  return { label, findings: new Set(), next: null }
}
