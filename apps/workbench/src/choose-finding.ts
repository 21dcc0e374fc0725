// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, JudgedFinding } from '@pfo-workbench/compare'
import { suggestion } from '@pfo-workbench/input'
import { findingName } from '@pfo-workbench/report'
import { UsageError } from './errors.ts'
import { cannotBeRun } from './one-run.ts'

/** A finding of a variant and the scenario that it is told of. */
export interface ChosenFinding {
  readonly finding: JudgedFinding
  readonly scenario: string
}

/** How many names a message lists. */
const listed = 20

function list(names: readonly string[]): string {
  const rest = names.length - listed
  const lines = names.slice(0, listed).map((name) => `\n  '${name}'`)
  return `${lines.join('')}${rest > 0 ? `\n  and ${String(rest)} more` : ''}`
}

/** The names that a word means: the same, else those that begin so, else those that contain it. */
function meant(word: string, names: readonly string[]): string[] {
  const lower = word.toLowerCase()
  const matches = [
    (name: string): boolean => name === word,
    (name: string): boolean => name.startsWith(word),
    (name: string): boolean => name.toLowerCase().includes(lower),
  ]
  for (const isMatch of matches) {
    const found = names.filter(isMatch)
    if (found.length > 0) return found
  }
  return []
}

/** Of the scenarios that have a finding, one in which the variant introduces it tells most of the variant. */
const placeOfStatus = { introduced: 0, revealed: 1, kept: 2, 'not-reached': 3, fixed: 4 } as const

function nothingToTell({ variants }: Comparison, variant: string): UsageError {
  const { status = 'ok', reason } = variants.find(({ id }) => id === variant) ?? {}
  if (reason !== undefined) return cannotBeRun(variant, status, reason)
  return new UsageError(`${variant} has no findings in these scenarios, and fixes none`)
}

/**
 * Finds what a person means by `leak:/ibm,platform-facilities[0] held by f`, by its beginning, or by a part of it that no
 * other finding has. The oracle may also stand apart, as in the report.
 *
 * @throws UsageError with the findings there are, or why there are none
 */
export function chooseFinding(comparison: Comparison, variant: string, word: string): ChosenFinding {
  const all = comparison.cells
    .filter((cell) => cell.variant === variant)
    .flatMap(({ scenario, findings }) => findings.map((finding) => ({ finding, scenario })))
  const names = [...new Set(all.map(({ finding }) => findingName(finding)))]
  if (names.length === 0) throw nothingToTell(comparison, variant)
  const ids = new Set<string>(all.map(({ finding }) => finding.oracle))
  const apart = /^([a-z-]+)\s+(.*)$/.exec(word.trim())
  const normal = apart !== null && ids.has(apart[1] ?? '') ? apart.slice(1).join(':') : word.trim()
  const found = meant(normal, names)
  const [name] = found
  if (name === undefined) {
    throw new UsageError(
      `${variant} has no finding "${word}", nor does it fix one.${suggestion(normal, names)} There are${list(names)}`,
    )
  }
  if (found.length > 1) throw new UsageError(`"${word}" may be one of${list(found)}`)
  const [best] = all
    .filter(({ finding }) => findingName(finding) === name)
    .toSorted((a, b) => placeOfStatus[a.finding.status] - placeOfStatus[b.finding.status])
  if (best === undefined) throw new RangeError(`${name} is nowhere`)
  return best
}
