// SPDX-License-Identifier: GPL-2.0-only
import type { Snapshot } from '@pfo-workbench/run'

/** Where the nodes of the facilities stand, in the tree of firmware and in that of the kernel. */
export const FACILITIES: string = '/ibm,platform-facilities/'

/** Names of the facilities that firmware offers: a vio device has its node's name. */
export function offered({ firmware }: Snapshot): string[] {
  return firmware
    .filter((path) => path.startsWith(FACILITIES) && !path.slice(FACILITIES.length).includes('/'))
    .map((path) => path.slice(FACILITIES.length))
}
