// SPDX-License-Identifier: GPL-2.0-only
import { beginMigration } from '../migration.ts'
import type { FirmwareState } from '../state.ts'
import { SUCCESS } from './status.ts'

/** `ibm,suspend-me`: () -> status. The partition stops here and resumes on the target of the migration. */
export function suspendMe(state: FirmwareState): readonly number[] {
  beginMigration(state)
  return [SUCCESS]
}
