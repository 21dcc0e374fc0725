// SPDX-License-Identifier: GPL-2.0-only
import type { KernelFacts, Snapshot } from '@pfo-workbench/run'

/** Returns the path of a facility's node. A vio device has the name of its node. */
export function facilityPath({ platformFacilities }: KernelFacts, device: string): string {
  return `${platformFacilities}/${device}`
}

/** Returns the names of the facilities that firmware offers. */
export function offeredFacilities(facts: KernelFacts, { firmware }: Snapshot): string[] {
  const start = facilityPath(facts, '')
  return firmware
    .filter((path) => path.startsWith(start))
    .map((path) => path.slice(start.length))
    .filter((name) => !name.includes('/'))
}
