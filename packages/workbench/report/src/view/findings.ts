// SPDX-License-Identifier: GPL-2.0-only
import type { FindingStatus } from '@pfo-workbench/compare'
import { findingKey } from '@pfo-workbench/oracle'
import { statusOrder } from './comparison.ts'
import type { ComparisonView, EvidenceView, FindingView } from '../wording/comparison-view.ts'

/** Variants and scenarios that agree on a finding's status and message. */
interface StatusGroup {
  readonly status: FindingStatus
  readonly variants: readonly string[]
  readonly scenarios: readonly string[]
  /** The message, if it differs from the finding's first message. */
  readonly message: string | null
  /** The message on the unpatched kernel, if it differs. */
  readonly before: string | null
}

/** Findings that differ only in their subjects. */
export interface FindingGroup {
  readonly status: FindingStatus
  readonly oracle: string
  readonly subjects: readonly string[]
  /** Message of the first occurrence; the unpatched kernel's cells come first. */
  readonly message: string
  /** The scenario of the message and the evidence. */
  readonly scenario: string
  readonly evidence: readonly EvidenceView[]
  readonly places: readonly StatusGroup[]
}

/** Occurrences of a finding in one variant, with the same status. */
interface Where {
  readonly status: FindingStatus
  readonly variant: string
  readonly scenarios: string[]
  readonly finding: FindingView
}

/** One finding over all cells. */
interface Occurrences {
  readonly first: FindingView
  /** The scenario of the first occurrence. */
  readonly scenario: string
  /** By variant and status. */
  readonly where: Map<string, Where>
}

/** Collects the occurrences of each finding, by its key. */
function collect({ cells, baseline }: ComparisonView): Occurrences[] {
  const findings = new Map<string, Occurrences>()
  for (const { variant, scenario, findings: own } of cells) {
    for (const finding of own) {
      const key = findingKey(finding)
      const known: Occurrences = findings.get(key) ?? {
        first: finding,
        scenario,
        where: new Map(),
      }
      findings.set(key, known)
      if (variant === baseline) continue
      const { status } = finding
      const place = known.where.get(`${variant} ${status}`)
      if (place !== undefined) place.scenarios.push(scenario)
      else known.where.set(`${variant} ${status}`, { status, variant, scenarios: [scenario], finding })
    }
  }
  return [...findings.values()]
}

function placeOf({ first }: Occurrences, { status, variant, scenarios, finding }: Where): StatusGroup {
  const before = finding.before === undefined || finding.before === first.message ? null : finding.before
  const message = finding.message === first.message ? null : finding.message
  return { status, variants: [variant], scenarios, message, before }
}

/** Merges variants that agree on status, scenarios and messages. */
function placesOf(one: Occurrences): StatusGroup[] {
  const places = new Map<string, StatusGroup>()
  for (const where of one.where.values()) {
    const place = placeOf(one, where)
    const key = JSON.stringify({ ...place, variants: [] })
    const variants = [...(places.get(key)?.variants ?? []), ...place.variants]
    places.set(key, { ...place, variants })
  }
  return statusOrder.flatMap((status) => [...places.values()].filter((place) => place.status === status))
}

/** Maximum number of pieces of evidence per group. */
const shownEvidence = 3

/** The first pieces of evidence with different texts. */
function telling(evidence: readonly EvidenceView[]): EvidenceView[] {
  const texts = new Set<string>()
  return evidence
    .filter(({ text }) => !texts.has(text) && texts.add(text))
    .slice(0, shownEvidence)
    .map(({ text, chain }) => ({ text, chain }))
}

/**
 * Groups all findings that differ only in their subjects, with their evidence and the variants that introduce, fix or
 * keep them. Groups are ordered by the most important status that any variant gives them.
 */
export function findingGroups(comparison: ComparisonView): FindingGroup[] {
  const groups = new Map<string, FindingGroup & { subjects: string[] }>()
  for (const one of collect(comparison)) {
    const { oracle, subject, message } = one.first
    const places = placesOf(one)
    const status = places[0]?.status ?? 'kept'
    const evidence = telling(one.first.evidence)
    const key = JSON.stringify([oracle, message, evidence, places])
    const known = groups.get(key)
    if (known !== undefined) known.subjects.push(subject)
    else {
      const { scenario } = one
      groups.set(key, { status, oracle, subjects: [subject], message, scenario, evidence, places })
    }
  }
  return statusOrder.flatMap((status) => [...groups.values()].filter((group) => group.status === status))
}
