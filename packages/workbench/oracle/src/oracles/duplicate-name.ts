// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf } from '@pfo-workbench/run'
import { findBySubject } from '../events-by-subject.ts'
import type { Finding, Oracle } from '../finding.ts'

/** A sysfs name was already in use: the kernel chose another name or failed to create the entry. */
export const duplicateName: Oracle = {
  id: 'duplicate-name',
  title: 'a name in sysfs was already in use: the new object was renamed or refused',
  examine(run) {
    const refusals = eventsOf(run, 'sysfs.duplicate')
    const refusedPaths = new Set(refusals.map(({ path }) => path))
    const renamed = findBySubject(
      run,
      // If the other name was in use too, nothing was created.
      eventsOf(run, 'sysfs.rename').filter(
        ({ directory, used }) => !refusedPaths.has(`${directory}/${used}`),
      ),
      ({ directory, used }) => `${directory}/${used}`,
      ({ wanted }) => ({ kind: 'renamed', data: { wanted } }),
      (occurrence, { wanted, used }): Finding => ({
        oracle: 'duplicate-name',
        kind: 'renamed',
        ...occurrence,
        data: { wanted, used },
      }),
    )
    const refused = findBySubject(
      run,
      refusals,
      ({ path }) => path,
      () => ({ kind: 'not-created', data: {} }),
      (occurrence): Finding => ({
        oracle: 'duplicate-name',
        kind: 'not-created',
        ...occurrence,
        data: {},
      }),
    )
    return [...renamed, ...refused]
  },
}
