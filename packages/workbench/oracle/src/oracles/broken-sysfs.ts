// SPDX-License-Identifier: GPL-2.0-only
import type { DeviceFiles, RunRecord, VioDeviceState } from '@pfo-workbench/run'
import type { Finding, Oracle } from '../finding.ts'
import { detachOfDeviceNode } from '../to-evidence.ts'
import { deviceIn, finalSnapshot, heldSince } from '../snapshots.ts'

/** The device files that this oracle checks. */
export const deviceFiles: readonly (keyof DeviceFiles)[] = ['name', 'devspec', 'modalias', 'of_node']

/** Subject of a finding about a device file. */
export function fileSubject(device: string, file: keyof DeviceFiles): string {
  return `${device}/${file}`
}

/** The first recorded state of a device. */
function firstOf(run: RunRecord, object: string): VioDeviceState | undefined {
  return run.steps.map(({ after }) => deviceIn(after, object)).find((one) => one !== undefined)
}

/**
 * A link in a device's directory is dangling, or a file has other content than when the device was registered. If
 * reading a file would kill or block the reader, this oracle is silent: the cause is a finding of its own.
 */
export const brokenSysfs: Oracle = {
  id: 'broken-sysfs',
  title: 'a dangling link, or an attribute that no longer has the right content',
  examine(run) {
    return finalSnapshot(run).vio.flatMap(({ object, device, node, files }) => {
      const first = firstOf(run, object)?.files
      if (first === undefined) return []
      return deviceFiles.flatMap((file): Finding[] => {
        const [before, now] = [first[file], files[file]]
        // A link that did not exist at first is not broken when it appears later.
        if (now === before || before === null) return []
        if (now === null && file !== 'of_node') return []
        const since = heldSince(run, (state) => deviceIn(state, object)?.files[file] !== before)
        const shared = {
          oracle: 'broken-sysfs',
          subject: fileSubject(device, file),
          step: since?.index ?? 0,
          count: 1,
          evidence: node === null ? [] : detachOfDeviceNode(run, node),
        } as const
        return now === null
          ? [{ ...shared, kind: 'dangling-link', data: {} }]
          : [{ ...shared, kind: 'file-changed', data: { before, now } }]
      })
    })
  },
}
