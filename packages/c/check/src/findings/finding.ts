// SPDX-License-Identifier: GPL-2.0-only

/** The kinds of faults. The code that reports each rule explains it. */
export type Rule =
  | 'leak'
  | 'double-put'
  | 'use-after-put'
  | 'returned-unowned'
  | 'put-of-argument'
  | 'put-of-owned-field'
  | 'stored-unowned'
  | 'drop-stored'
  | 'never-dropped'
  | 'derived-use'

/** `error`: violates the rules. `question`: depends on code that was not seen. `note`: harmless on most systems. */
export type Severity = 'error' | 'question' | 'note'

/** A line of the source. */
export interface SourceLine {
  readonly file: string
  readonly line: number
}

/** The origin of a counted object, independent of line numbers. */
export interface Origin {
  /** The source of the object: a function, `argument np`, or a field such as `device.of_node`. */
  readonly from: string
  /** The function that contains the call. */
  readonly function: string
  /** The call as written, on one line; empty if there is none. */
  readonly text: string
  /** Index of the call among those with the same text in the function, from 0. */
  readonly ordinal: number
  readonly place: SourceLine | null
}

/** A step of the path that leads to a finding. */
export interface PathStep extends SourceLine {
  readonly function: string
  readonly text: string
}

/** Facts that only some rules have. The wording turns them into sentences. */
export interface FindingData {
  /** The function that dropped, used or received the object. */
  readonly callee?: string
  /** The structure and field, such as `device.of_node`. */
  readonly field?: string
  /** Reason why an error of this rule is only a question here. */
  readonly doubt?: Doubt
  /** True if the reference was dropped by a search that continues from the object. Such a drop is never intended. */
  readonly bySearch?: boolean
  /** True if an additional reference was taken on an object that an unknown function received. */
  readonly mayBeKept?: boolean
  /** Number of references still owned. */
  readonly owned?: number
  /** Places where references were taken and dropped on the shown path. */
  readonly taken?: readonly SourceLine[]
  readonly dropped?: readonly SourceLine[]
}

/**
 * A reason for doubt. `kept-by`: an unknown function received the object as `void *`, and may store it. `dropped-by`:
 * the name of such a function says that it drops or frees its argument. `dropped-from`: an unknown function received
 * the object, and a function of the file drops an object of the class from a field that no function of the file stores
 * to. `held-open`: objects of the class are held from one call to another.
 */
export type Doubt =
  | { readonly kind: 'kept-by' | 'dropped-by'; readonly function: string }
  | { readonly kind: 'dropped-from'; readonly field: string }
  | { readonly kind: 'held-open' }

/** A fault in one function, on at least one path. */
export interface Finding {
  /** Identifies the finding in the function before and after a patch. */
  readonly key: string
  /** The key without the severity: an error on one path and a question on another are one fault. */
  readonly faultKey: string
  readonly rule: Rule
  readonly severity: Severity
  /** The class of the object, such as `of_node`. */
  readonly class: string
  readonly origin: Origin
  /** The executed function. */
  readonly entry: string
  /** Place of the fault: the put, the use or the return. */
  readonly at: PathStep
  readonly data: FindingData
  /** Number of paths with the fault, and number of all explored paths. */
  readonly paths: number
  readonly ofPaths: number
  /** The decisions of the shortest such path. */
  readonly path: readonly PathStep[]
}
