// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, FindingStatus, JudgedFinding } from '@pfo-workbench/compare'
import type { Evidence } from '@pfo-workbench/oracle'
import { wrapped } from './lines.ts'
import { order, paint, sign, type Colors } from './status.ts'

/** Where a finding has a status in a variant, and what is said of it there. */
interface Place {
  readonly variant: string
  readonly status: FindingStatus
  readonly scenarios: string[]
  readonly message: string
  readonly before: string | null
}

/** One finding over all cells: as it was first met, and where it stands. */
interface Occurrences {
  readonly first: JudgedFinding
  /** The scenario that the first one's evidence is from. */
  readonly scenario: string
  readonly places: Place[]
}

/** Every finding once, by its key, as first met; the baseline's cells come first. */
function collect({ cells, baseline }: Comparison): Occurrences[] {
  const findings = new Map<string, Occurrences>()
  for (const { variant, scenario, findings: own } of cells) {
    for (const finding of own) {
      const key = `${finding.oracle} ${finding.subject}`
      const known = findings.get(key) ?? { first: finding, scenario, places: [] }
      findings.set(key, known)
      if (variant === baseline) continue
      const { status, message, before = null } = finding
      const place = known.places.find((one) => one.variant === variant && one.status === status)
      if (place === undefined) known.places.push({ variant, status, scenarios: [scenario], message, before })
      else place.scenarios.push(scenario)
    }
  }
  return [...findings.values()]
}

/** How many pieces of evidence a finding shows, and how many functions of a call chain. */
const shownEvidence = 3
const shownFunctions = 9

/** The first pieces of evidence that say different things. */
function telling(evidence: readonly Evidence[]): Evidence[] {
  const byText = new Map(evidence.toReversed().map((proof) => [proof.text, proof]))
  return evidence.filter((proof) => byText.get(proof.text) === proof).slice(0, shownEvidence)
}

function chainText(chain: readonly string[]): string {
  const shown = chain.length > shownFunctions ? [...chain.slice(0, shownFunctions), '...'] : chain
  return shown.join(' < ')
}

function placeLines(place: Place, shown: JudgedFinding, total: number, colors: Colors): string[] {
  const { status, variant, scenarios, message, before } = place
  const where = scenarios.length === total ? 'all scenarios' : scenarios.join(', ')
  const lines = [paint(colors, status, wrapped(`  ${sign[status]} `, `${variant}: ${where}`))]
  if (message !== shown.message) lines.push(wrapped('      ', message))
  if (before !== null && before !== shown.message) lines.push(wrapped('      unpatched: ', before))
  return lines
}

function block({ first, scenario, places }: Occurrences, total: number, colors: Colors): string {
  const proofs = telling(first.evidence).map((proof) =>
    colors.dim(wrapped('      ', `${proof.text}: ${chainText(proof.chain)}`)),
  )
  const from = proofs.length === 0 ? '' : ` (${scenario})`
  return [
    colors.bold(wrapped('', `${first.oracle}  ${first.subject}`)),
    wrapped('    ', `${first.message}${from}`),
    ...proofs,
    ...places.flatMap((place) => placeLines(place, first, total, colors)),
  ].join('\n')
}

const headings: Readonly<Record<FindingStatus, string>> = {
  introduced: 'INTRODUCED: the unpatched kernel does not have it',
  fixed: 'FIXED: a variant does not have it any more',
  kept: 'KEPT: no variant does anything about it',
}

/** The section in which a finding stands: under the first status that it has in any variant. */
function sectionOf({ places }: Occurrences): FindingStatus {
  return order.find((status) => places.some((place) => place.status === status)) ?? 'kept'
}

/** Each finding once: what it is, what proves it, which variants fix, keep or introduce it where; what is new comes first. */
export function findings(comparison: Comparison, colors: Colors): string {
  const total = comparison.scenarios.length
  const all = collect(comparison)
  return order
    .flatMap((status) => {
      const own = all.filter((one) => sectionOf(one) === status)
      if (own.length === 0) return []
      return [colors.bold(headings[status]), ...own.map((one) => block(one, total, colors))]
    })
    .join('\n\n')
}
