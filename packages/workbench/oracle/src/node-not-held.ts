// SPDX-License-Identifier: GPL-2.0-only
import type { RunRecord } from '@pfo-workbench/run'
import { deviceReferences } from './device-references.ts'
import type { Finding } from './finding.ts'
import { nodeSubject } from './object-names.ts'
import { toEvidence } from './to-evidence.ts'

/**
 * Finds devices that refer to a node without a reference: once others drop theirs, the device uses freed memory.
 */
export function nodesNotHeld(run: RunRecord): Finding[] {
  return deviceReferences(run).flatMap(({ device, node, registration, reference }): Finding[] => {
    if (reference !== null) return []
    return [
      {
        oracle: 'refcount',
        kind: 'node-not-held',
        subject: `${nodeSubject(node)} not held by device ${device.device}`,
        step: registration.step,
        count: 1,
        data: { device: device.device },
        evidence: [toEvidence(run, registration, { kind: 'device-registered', data: {} })],
      },
    ]
  })
}
