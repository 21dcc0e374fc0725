// SPDX-License-Identifier: GPL-2.0-only

/** What can be wrong; each is explained where the ledger reports it. */
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

/** `error`: wrong by the rules. `question`: right or wrong depends on code that was not seen. `note`: harmless on most systems. */
export type Severity = 'error' | 'question' | 'note'

/** A line of the source. */
export interface Place {
  readonly file: string
  readonly line: number
}

/** Where a counted object came from, told without line numbers. */
export interface Origin {
  /** What gave it: a function, `argument np`, or a field such as `device.of_node`. */
  readonly from: string
  /** The function whose text has the call. */
  readonly function: string
  /** The call as written, on one line; empty where there is none. */
  readonly text: string
  /** Which of the calls with this text in the function it is, from 0. */
  readonly ordinal: number
  readonly place: Place | null
}

/** A step of the path that leads to a finding. */
export interface PathStep extends Place {
  readonly function: string
  readonly text: string
}

/** Facts that only some rules have; wording turns them into sentences. */
export interface FindingData {
  /** The function that dropped, used or got the object. */
  readonly callee?: string
  /** The structure and field, such as `device.of_node`. */
  readonly field?: string
  /** Why a rule's error is only a question here. */
  readonly doubt?: Doubt
  /** Whether it was dropped by a search that goes on from it, which nobody does by design. */
  readonly bySearch?: boolean
  /** Whether one more reference was taken of an object that an unknown function got. */
  readonly mayBeKept?: boolean
  /** References that are left. */
  readonly owned?: number
  /** Where references were taken and dropped on the path that is shown. */
  readonly taken?: readonly Place[]
  readonly dropped?: readonly Place[]
}

/**
 * A reason not to be sure. `kept-by`, `dropped-by`: an unknown function got the object. `dropped-from`: an unknown
 * function got it, and a function of the file drops one from a field that none of its functions stores to. `held-open`:
 * objects of the class are held from one call to another.
 */
export type Doubt =
  | { readonly kind: 'kept-by' | 'dropped-by'; readonly function: string }
  | { readonly kind: 'dropped-from'; readonly field: string }
  | { readonly kind: 'held-open' }

/** Something wrong in one function, on at least one path. */
export interface Finding {
  /** The same in the function before and after a patch. */
  readonly key: string
  /** The same without the severity: what is an error on one path and a question on another is one fault. */
  readonly fault: string
  readonly rule: Rule
  readonly severity: Severity
  /** The class of the object, such as `of_node`. */
  readonly class: string
  readonly origin: Origin
  /** The function that was executed. */
  readonly entry: string
  /** Where it shows: the put, the use, the return. */
  readonly at: PathStep
  readonly data: FindingData
  /** Paths on which it happens, and all that were followed. */
  readonly paths: number
  readonly ofPaths: number
  /** The decisions of the shortest such path. */
  readonly path: readonly PathStep[]
}
