// SPDX-License-Identifier: GPL-2.0-only
import type { JudgedFinding } from '../verdict/status.ts'
import type { Change, ChangeKind } from './change.ts'

/** A difference in one step. */
export type Difference = Omit<Change, 'step'>

const startsWithName = (text: string, name: string): boolean =>
  text === name || text.startsWith(`${name} `) || text.startsWith(`${name}/`)

/**
 * Returns a function that is true if a finding is of one of these oracles, and if the subject of the finding begins
 * with the subject of the change, or the other way round.
 */
const names =
  (...oracles: readonly string[]) =>
  ({ oracle, subject }: JudgedFinding, about: string): boolean =>
    oracles.includes(oracle) && (startsWithName(subject, about) || startsWithName(about, subject))

const devices = '/sys/devices/vio/'

/** True if a finding reports the change of a file. */
function saysOfFile({ oracle, subject }: JudgedFinding, path: string): boolean {
  if (oracle === 'duplicate-name') return `${path}/`.includes(`${subject}/`)
  if (!path.startsWith(devices)) return false
  const file = path.slice(devices.length)
  if (oracle === 'broken-sysfs') return file === subject
  return (oracle === 'lost-device' || oracle === 'interruption') && file.startsWith(`${subject}/`)
}

/** By kind of change: a function that is true if a finding reports the change. */
const says: Partial<Readonly<Record<ChangeKind, (finding: JudgedFinding, about: string) => boolean>>> = {
  device: names('lost-device', 'interruption', 'stale-device'),
  node: names('lost-node'),
  file: saysOfFile,
  service: names('lost-service'),
  notification: names('lost-notification'),
}

/** True if a finding whose status is not `kept` already reports this change. */
export function isAlreadyReported(
  { kind, subject }: Difference,
  findings: readonly JudgedFinding[],
): boolean {
  return findings.some((finding) => finding.status !== 'kept' && says[kind]?.(finding, subject) === true)
}
