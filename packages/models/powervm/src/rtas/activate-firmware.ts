// SPDX-License-Identifier: GPL-2.0-only
import { SUCCESS } from './status.ts'

/** `ibm,activate-firmware`: () -> status. Does nothing: there is only one firmware image. */
export function activateFirmware(): readonly number[] {
  return [SUCCESS]
}
