// SPDX-License-Identifier: GPL-2.0-only
import type { RunRecord } from '@pfo-workbench/run'

/** A run and the name of its variant. */
export interface NamedRun {
  readonly name: string
  readonly run: RunRecord
}
