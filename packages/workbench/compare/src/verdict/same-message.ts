// SPDX-License-Identifier: GPL-2.0-only
import { isDeepStrictEqual } from 'node:util'
import type { Finding, FindingOf } from '@pfo-workbench/oracle'
import { chainOf, type CellRuns } from './hidden-by-end.ts'
import type { HiddenBy } from './status.ts'

/**
 * A console line without its first word. `dev_err()` (include/linux/dev_printk.h) begins a line with the name of the
 * driver, or with that of the bus while no driver is bound.
 */
const withoutDriver = (line: string): string => line.slice(line.indexOf(' ') + 1)

/** The functions that printed a line; null if one is unknown. */
function printersOf({ evidence }: Finding): ReadonlySet<string> | null {
  const names = evidence.flatMap(({ chain }) => chain[0]?.function ?? [])
  return names.length === 0 || names.length < evidence.length ? null : new Set(names)
}

const isLine = (finding: Finding): finding is FindingOf<'console-line'> => finding.kind === 'console-line'

/**
 * Finds the message of the unpatched kernel that the variant prints a second time while the device has another driver,
 * or none. Example: a driver complains about a malformed property when it is bound. If the patches make the driver read
 * the property again after the failed probe, the driver rightly complains again.
 *
 * @returns null if a changed function prints the message, or if the unpatched kernel does not print it about the same
 * device until that step
 */
export function findSameMessage(finding: Finding, { unpatched, patchFacts }: CellRuns): HiddenBy | null {
  if (!isLine(finding) || finding.data.names.length === 0) return null
  const printers = printersOf(finding)
  if (printers === null || patchFacts.changed.isIn(chainOf(printers))) return null
  const same = unpatched.findings
    .filter(isLine)
    .find(
      (one) =>
        one.step <= finding.step &&
        finding.count <= one.count &&
        withoutDriver(one.data.line) === withoutDriver(finding.data.line) &&
        isDeepStrictEqual(one.data.names, finding.data.names) &&
        isDeepStrictEqual(printersOf(one), printers),
    )
  return same === undefined ? null : { reason: 'other-symptom', finding: same }
}
