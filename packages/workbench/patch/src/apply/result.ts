// SPDX-License-Identifier: GPL-2.0-only
import type { FileChange } from '../diff/diff.ts'
import type { Difference } from './difference.ts'
import type { ElsewhereReason } from './place-hunk.ts'

/** A line of a file, and the definition that it is in or behind, null before the first and in files of other languages. */
export interface FilePlace {
  /** Counts from 1, in the file as it is. */
  readonly line: number
  readonly function: string | null
}

/** What became of one hunk. `hunk` is its index in the file's hunks. */
export type HunkResult =
  | {
      /** `already-in`: the lines after the change are there, those before it are not. */
      readonly state: 'applied' | 'already-in'
      readonly hunk: number
      readonly place: FilePlace
      /** Lines by which the place is off that in the hunk's header, positive downwards. */
      readonly offset: number
    }
  | {
      readonly state: 'elsewhere'
      readonly hunk: number
      readonly why: ElsewhereReason
      readonly expectedLine: number
      readonly places: readonly FilePlace[]
    }
  | {
      readonly state: 'conflict'
      readonly hunk: number
      readonly expectedLine: number
      /** Of the first conflict in a file; null of others, and when the comparison was given up because it took too long. */
      readonly difference: Difference | null
      /** Places, none in the right function for sure, that have the lines after the change: it may be in already. */
      readonly alreadyAt: readonly FilePlace[]
    }

/** What became of one file. */
export type FileResult =
  | { readonly state: 'applied'; readonly change: FileChange; readonly hunks: readonly HunkResult[] }
  | { readonly state: 'already-in'; readonly change: FileChange; readonly hunks: readonly HunkResult[] }
  /** It does not apply as it is. A three-way merge with the blob that the patch names had no conflict. */
  | { readonly state: 'merged'; readonly change: FileChange; readonly hunks: readonly HunkResult[] }
  /** `partly-in`: some of its hunks are in already, the others would apply. */
  | {
      readonly state: 'partly-in' | 'elsewhere' | 'conflict'
      readonly change: FileChange
      readonly hunks: readonly HunkResult[]
    }
  | { readonly state: 'missing'; readonly change: FileChange }
  /** The patch creates a file, or renames or copies one to a name, that exists already. */
  | { readonly state: 'exists'; readonly change: FileChange }
  /** The patch deletes a file that has more lines than it removes. */
  | { readonly state: 'not-empty'; readonly change: FileChange }

/** Changed files with their new text; null for files that are gone. */
export type ChangedFiles = ReadonlyMap<string, string | null>

/**
 * What became of a patch.
 *
 * - `applied`: all files are applied or merged; with merging, some may have the change already
 * - `already-applied`: all files have the change already
 * - `partly-in`: some files or hunks are in already, the others would apply
 * - `elsewhere`: a hunk fits, but not where the patch was made for; none conflicts
 * - `conflict`: a hunk fits nowhere, or a file is missing or exists
 */
export type PatchResult =
  | {
      readonly state: 'applied'
      readonly files: readonly FileResult[]
      readonly changed: ChangedFiles
    }
  | {
      readonly state: 'already-applied' | 'partly-in' | 'elsewhere' | 'conflict'
      readonly files: readonly FileResult[]
    }
