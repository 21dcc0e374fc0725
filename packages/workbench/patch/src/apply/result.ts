// SPDX-License-Identifier: GPL-2.0-only
import type { FileChange } from '../diff/diff.ts'
import type { HunkDifference } from './difference.ts'
import type { ElsewhereReason } from './place-hunk.ts'

/**
 * A line of a file, and the definition that contains or precedes it. The name is null before the first definition, and
 * in files of other languages.
 */
export interface FilePlace {
  /** Counted from 1, in the current file. */
  readonly line: number
  readonly function: string | null
}

/** Result of one hunk. `hunk` is its index in the file's hunks. */
export type HunkResult =
  | {
      /** `already-in`: the file already has the lines after the change. */
      readonly state: 'applied' | 'already-in'
      readonly hunk: number
      readonly place: FilePlace
      /** Distance in lines from the position in the hunk's header, positive downwards. */
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
      /**
       * Only for the first conflict in a file. Null for others, and if the comparison was given up because it took too
       * long.
       */
      readonly difference: HunkDifference | null
      /**
       * Positions at which the file has the lines after the change, perhaps in the wrong function: the hunk may already
       * be applied.
       */
      readonly alreadyAt: readonly FilePlace[]
    }

/** Result of one file. */
export type FileResult =
  | { readonly state: 'applied'; readonly change: FileChange; readonly hunks: readonly HunkResult[] }
  | { readonly state: 'already-in'; readonly change: FileChange; readonly hunks: readonly HunkResult[] }
  /**
   * The patch does not apply to the file directly. A three-way merge with the blob that the patch names had no
   * conflict.
   */
  | { readonly state: 'merged'; readonly change: FileChange; readonly hunks: readonly HunkResult[] }
  /** `partly-in`: some hunks of the file are already applied, the others would apply. */
  | {
      readonly state: 'partly-in' | 'elsewhere' | 'conflict'
      readonly change: FileChange
      readonly hunks: readonly HunkResult[]
    }
  | { readonly state: 'missing'; readonly change: FileChange }
  /** The patch creates a file that already exists, or renames or copies a file to an existing name. */
  | { readonly state: 'exists'; readonly change: FileChange }
  /** The patch deletes a file that has more lines than the patch removes. */
  | { readonly state: 'not-empty'; readonly change: FileChange }

/** Changed files with their new text; null for deleted files. */
export type ChangedFiles = ReadonlyMap<string, string | null>

/**
 * Result of a patch.
 *
 * - `applied`: all files are applied or merged; with merging, some may already have the change
 * - `already-applied`: all files already have the change
 * - `partly-in`: some files or hunks are already applied, the others would apply
 * - `elsewhere`: a hunk fits, but not where it belongs; none conflicts
 * - `conflict`: a hunk fits nowhere, or a file is missing, already exists, or has more lines than its deletion removes
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
