// SPDX-License-Identifier: GPL-2.0-only
import { isDeepStrictEqual } from 'node:util'
import { findingKey, type Finding, type FindingOf } from '@pfo-workbench/oracle'
import { chainOf, type CellRuns } from './hidden-by-end.ts'
import type { HiddenBy } from './status.ts'

type Line = FindingOf<'console-line'>

const isLine = (finding: Finding): finding is Line => finding.kind === 'console-line'

/**
 * For a line of `dev_err()`, `driver device: message`, returns `device: message`. The first word is left out because it
 * is the name of the bus while no driver is bound. Null if the second word is not the name of a device in `names`;
 * paths of nodes do not count.
 */
function behindDriver({ data: { line, names } }: Line): string | null {
  const [, rest, device = ''] = /^\S+ ((\S+): .*)$/s.exec(line) ?? []
  return rest !== undefined && !device.startsWith('/') && names.includes(device) ? rest : null
}

/** The functions that printed a line; null if one is unknown. */
function printersOf({ evidence }: Finding): ReadonlySet<string> | null {
  const names = evidence.flatMap(({ chain }) => chain[0]?.function ?? [])
  return names.length === 0 || names.length < evidence.length ? null : new Set(names)
}

/** True if both lines are the same message, apart from the name of the driver, of the same functions. */
function isSameMessage(one: Line, other: Line): boolean {
  const text = behindDriver(one)
  return (
    text !== null && text === behindDriver(other) && isDeepStrictEqual(printersOf(one), printersOf(other))
  )
}

/**
 * Finds the message of the unpatched kernel that the variant prints a second time while the device has another driver,
 * or none. Example: a driver complains about a malformed property when it is bound. If the patches make the driver read
 * the property again after the failed probe, the driver rightly complains again.
 *
 * @returns null if the variant prints only one of the two messages, or a third one; if a changed function prints the
 * message; or if the unpatched kernel has not printed it about the same device by that step, or less often
 */
export function findSameMessage(
  finding: Finding,
  { unpatched, variant, patchFacts }: CellRuns,
): HiddenBy | null {
  if (!isLine(finding)) return null
  const printers = printersOf(finding)
  if (printers === null || patchFacts.changed.isIn(chainOf(printers))) return null
  const shown = variant.findings.filter(isLine).filter((one) => isSameMessage(one, finding))
  const same = unpatched.findings
    .filter(isLine)
    .find((one) => one.step <= finding.step && finding.count <= one.count && isSameMessage(one, finding))
  if (same === undefined || shown.length !== 2) return null
  const isShown = shown.some((one) => findingKey(one) === findingKey(same))
  return isShown ? { reason: 'other-symptom', finding: same } : null
}
