// SPDX-License-Identifier: GPL-2.0-only
import type { FindingStatus } from '@pfo-workbench/compare'
import { statusOrder } from './comparison.ts'
import type { ComparisonView, EvidenceView, FindingView } from '../wording/comparison-view.ts'

/** Effect of a variant on a kind of findings. `eased`: some are fixed, some are left. */
export type KindStatus = FindingStatus | 'eased'

/** A variant and its number of scenarios. */
export interface KindVariant {
  readonly id: string
  /** Number of scenarios with findings of this kind and status. */
  readonly scenarios: number
}

/** Variants with the same effect on a kind of findings. */
export interface KindPlace {
  readonly status: KindStatus
  readonly variants: readonly KindVariant[]
}

/** Findings of one oracle that say the same about different objects, over all scenarios and variants. */
export interface SimilarFindings {
  /** The most important of the statuses that these findings have in the variants. */
  readonly status: FindingStatus
  readonly oracle: string
  readonly subjects: readonly string[]
  /** The message about the first subject. */
  readonly message: string
  /** The variant and scenario of the message and the evidence. */
  readonly variant: string
  readonly scenario: string
  readonly evidence: readonly EvidenceView[]
  readonly places: readonly KindPlace[]
}

/** A finding with its variant and scenario. */
interface Example {
  readonly finding: FindingView
  readonly variant: string
  readonly scenario: string
}

interface Collected {
  /** The first introduced finding, or else the first finding. */
  example: Example
  readonly subjects: Set<string>
  /** The scenarios with findings of this kind, by variant and status. */
  readonly where: Map<string, Record<FindingStatus, Set<string>>>
}

const noScenarios = (): Record<FindingStatus, Set<string>> => ({
  introduced: new Set(),
  revealed: new Set(),
  fixed: new Set(),
  'not-reached': new Set(),
  kept: new Set(),
})

function collect({ cells, baseline }: ComparisonView): Collected[] {
  const kinds = new Map<string, Collected>()
  for (const { variant, scenario, findings } of cells) {
    for (const finding of findings) {
      const key = finding.likeness
      const example = { finding, variant, scenario }
      const known: Collected = kinds.get(key) ?? { example, subjects: new Set(), where: new Map() }
      kinds.set(key, known)
      if (finding.status === 'introduced' && known.example.finding.status !== 'introduced')
        known.example = example
      known.subjects.add(finding.subject)
      if (variant === baseline) continue
      const own = known.where.get(variant) ?? noScenarios()
      known.where.set(variant, own)
      own[finding.status].add(scenario)
    }
  }
  return [...kinds.values()]
}

/** Like `statusOrder`, with `eased` after `fixed`. */
const placeOrder: readonly KindStatus[] = statusOrder.flatMap((status) =>
  status === 'fixed' ? [status, 'eased'] : [status],
)

function placesOf({ where }: Collected): KindPlace[] {
  const places = new Map<KindStatus, KindVariant[]>(placeOrder.map((status) => [status, []]))
  for (const [id, own] of where) {
    const first = statusOrder.find((status) => own[status].size > 0) ?? 'kept'
    const isPart = first === 'fixed' && own.kept.size + own['not-reached'].size > 0
    const [status, scenarios]: [KindStatus, number] = [isPart ? 'eased' : first, own[first].size]
    places.get(status)?.push({ id, scenarios })
  }
  return [...places].flatMap(([status, variants]) => (variants.length === 0 ? [] : [{ status, variants }]))
}

/**
 * Groups all findings by kind, with the evidence of one finding and the effect of each variant. Introduced findings
 * come first.
 */
export function similarFindings(comparison: ComparisonView): SimilarFindings[] {
  const kinds = collect(comparison).map((one): SimilarFindings => {
    const { finding, variant, scenario } = one.example
    const { oracle, subject, message, evidence } = finding
    const places = placesOf(one)
    const status = statusOrder.find((wanted) => places.some((place) => place.status === wanted)) ?? 'kept'
    const eased =
      (status === 'kept' || status === 'not-reached') && places.some((place) => place.status === 'eased')
    return {
      status: eased ? 'fixed' : status,
      oracle,
      subjects: [...new Set([subject, ...one.subjects])],
      message,
      variant,
      scenario,
      evidence: evidence.slice(0, 1),
      places,
    }
  })
  return statusOrder.flatMap((status) => kinds.filter((kind) => kind.status === status))
}
