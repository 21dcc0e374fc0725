// SPDX-License-Identifier: GPL-2.0-only
import type { ReportFormat } from '@pfo-workbench/report'
import type { FailOn } from './compare-command.ts'

/** Arguments of `pfo report`. */
export interface ReportArguments {
  readonly files: readonly string[]
  readonly format: ReportFormat
  readonly output?: string
  readonly full?: boolean
  readonly kept?: boolean
  readonly failOn: FailOn
}

/** A document as text. */
export interface NamedText {
  readonly name: string
  readonly text: string
}
