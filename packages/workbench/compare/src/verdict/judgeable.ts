// SPDX-License-Identifier: GPL-2.0-only
import type { ExaminedRun } from '../play/examined-schema.ts'

/**
 * The parts of a run that a verdict needs. Without lives and story, it is unknown which functions took and dropped
 * references. Without writers, it is unknown which functions of the variant wrote the state that a finding reads.
 */
export type Judgeable = Pick<ExaminedRun, 'findings' | 'brokenOffIn'> &
  Partial<Pick<ExaminedRun, 'lives' | 'story' | 'writers'>>
