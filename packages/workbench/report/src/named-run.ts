// SPDX-License-Identifier: GPL-2.0-only
import type { RunRecord } from '@pfo-workbench/run'

/** A run, and what the variant that it is of is called. */
export interface NamedRun {
  readonly name: string
  readonly run: RunRecord
}
