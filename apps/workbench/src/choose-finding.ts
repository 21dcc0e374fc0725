// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, JudgedFinding } from '@pfo-workbench/compare'
import { suggestion } from '@pfo-workbench/input'
import { findingName } from '@pfo-workbench/report'
import { UsageError } from './usage-error.ts'
import { notRunnableError } from './one-run.ts'

/** A finding of a variant, and the scenario to explain it in. */
export interface ChosenFinding {
  readonly finding: JudgedFinding
  readonly scenario: string
  /** Names of other findings that also match. */
  readonly others: readonly string[]
}

/** Maximum number of names in a message. */
const listed = 20

function list(names: readonly string[]): string {
  const rest = names.length - listed
  const lines = names.slice(0, listed).map((name) => `\n  '${name}'`)
  return `${lines.join('')}${rest > 0 ? `\n  and ${String(rest)} more` : ''}`
}

/**
 * The names that equal the text. If there are none: the names that start with the text. If there are none of these
 * either: the names that contain the text, in upper or lower case.
 */
function matchingNames(text: string, names: readonly string[]): string[] {
  const lower = text.toLowerCase()
  const matches = [
    (name: string): boolean => name === text,
    (name: string): boolean => name.startsWith(text),
    (name: string): boolean => name.toLowerCase().includes(lower),
  ]
  for (const isMatch of matches) {
    const found = names.filter(isMatch)
    if (found.length > 0) return found
  }
  return []
}

/** Order of preference: introduced findings come first, because they say most about the variant. */
const placeOfStatus = { introduced: 0, revealed: 1, kept: 2, 'not-reached': 3, fixed: 4 } as const

function nothingToTell({ variants }: Comparison, variant: string): UsageError {
  const { status = 'ok', reason } = variants.find(({ id }) => id === variant) ?? {}
  if (reason !== undefined) return notRunnableError(variant, status, reason)
  return new UsageError(`${variant} has no findings in these scenarios, and fixes none`)
}

/** Sorts by status, then by oracle. The oracles for crashes come first. */
function bySeverity({ oracles }: Comparison): (a: Placed, b: Placed) => number {
  const place = ({ finding: { status, oracle } }: Placed): number =>
    placeOfStatus[status] * oracles.length + oracles.findIndex(({ id }) => id === oracle)
  return (a, b) => place(a) - place(b)
}

type Placed = Omit<ChosenFinding, 'others'>

/**
 * Finds the finding that the user names, such as `leak:/ibm,platform-facilities[0] held by f`. A prefix or another part
 * of the name is enough. A space may stand for the colon, as in the report. Of several matches, the worst is chosen.
 * For an empty text, the worst finding of all is chosen.
 *
 * @throws UsageError with the list of findings, or with the reason why there are none
 */
export function chooseFinding(comparison: Comparison, variant: string, text: string): ChosenFinding {
  const all = comparison.cells
    .filter((cell) => cell.variant === variant)
    .flatMap(({ scenario, findings }) => findings.map((finding) => ({ finding, scenario })))
    .toSorted(bySeverity(comparison))
  const names = [...new Set(all.map(({ finding }) => findingName(finding)))]
  if (names.length === 0) throw nothingToTell(comparison, variant)
  const ids = new Set<string>(all.map(({ finding }) => finding.oracle))
  const apart = /^([a-z-]+)\s+(.*)$/.exec(text.trim())
  const normal = apart !== null && ids.has(apart[1] ?? '') ? apart.slice(1).join(':') : text.trim()
  const found = normal === '' ? names : matchingNames(normal, names)
  const [name] = found
  const best = all.find(({ finding }) => findingName(finding) === name)
  if (name === undefined || best === undefined) {
    throw new UsageError(
      `${variant} has no finding "${text}", nor does it fix one.${suggestion(normal, names)} There are${list(names)}`,
    )
  }
  return { ...best, others: found.slice(1) }
}
