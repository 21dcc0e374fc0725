// SPDX-License-Identifier: GPL-2.0-only
import type { ExaminedRun } from '../play/examined.ts'

/** What a verdict looks at in a run. Without lives and story nothing is known of who took and dropped references. */
export type Judgeable = Pick<ExaminedRun, 'findings' | 'brokenOffIn'> &
  Partial<Pick<ExaminedRun, 'lives' | 'story'>>
