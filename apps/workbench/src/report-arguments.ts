// SPDX-License-Identifier: GPL-2.0-only
import type { ReportFormat } from '@pfo-workbench/report'
import type { FailOn } from './choices.ts'

/** Arguments of `pfo report`. */
export interface ReportArguments {
  readonly files: readonly string[]
  readonly format: ReportFormat
  readonly output?: string
  readonly full?: boolean
  readonly kept?: boolean
  readonly failOn: FailOn
}

/** A file that the user named as a document. */
export interface DocumentFile {
  readonly name: string
  readonly text: string
  /** The parsed JSON; null if the text is not JSON, or is `null`. */
  readonly data: unknown
}
