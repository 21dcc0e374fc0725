// SPDX-License-Identifier: GPL-2.0-only
import { SUCCESS } from './status.ts'

/** `ibm,activate-firmware`: () -> status. There is no other firmware image to change to. */
export function activateFirmware(): readonly number[] {
  return [SUCCESS]
}
