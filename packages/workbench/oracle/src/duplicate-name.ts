// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf } from '@pfo-workbench/run'
import type { Oracle } from './finding.ts'
import { groupEvents, times } from './group.ts'

/** A name in sysfs was taken, so that another was used or the creation failed. */
export const duplicateName: Oracle = {
  id: 'duplicate-name',
  title: 'a name in sysfs was taken: renamed, or refused',
  examine(run) {
    const renamed = groupEvents(
      eventsOf(run, 'sysfs.rename'),
      ({ directory, used }) => `${directory}/${used}`,
      ({ wanted, used }, count) => `"${wanted}" was taken, renamed to "${used}"${times(count)}`,
      ({ wanted }) => `wanted "${wanted}"`,
    )
    const refused = groupEvents(
      eventsOf(run, 'sysfs.duplicate'),
      ({ path }) => path,
      (_first, count) => `was there already, not created again${times(count)}`,
      () => 'creation refused',
    )
    return [...renamed, ...refused]
  },
}
