// SPDX-License-Identifier: GPL-2.0-only
import type { Oracle } from './finding.ts'
import { field, groupEvents, times } from './group.ts'

/** A name in sysfs was taken, so that another was used or the creation failed. */
export const duplicateName: Oracle = {
  id: 'duplicate-name',
  title: 'a name in sysfs was taken: renamed, or refused',
  examine(run) {
    const renamed = groupEvents(
      run.events.filter((event) => event.type === 'sysfs.rename'),
      (event) => `${field(event, 'directory')}/${field(event, 'used')}`,
      (first, count) =>
        `"${field(first, 'wanted')}" was taken, renamed to "${field(first, 'used')}"${times(count)}`,
      (event) => `wanted "${field(event, 'wanted')}"`,
    )
    const refused = groupEvents(
      run.events.filter((event) => event.type === 'sysfs.duplicate'),
      (event) => field(event, 'path'),
      (_first, count) => `was there already, not created again${times(count)}`,
      () => 'creation refused',
    )
    return [...renamed, ...refused]
  },
}
