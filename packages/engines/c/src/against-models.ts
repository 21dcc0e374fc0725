// SPDX-License-Identifier: GPL-2.0-only

/** A finding that exists on one side only, and the reason. */
export interface ExplainedDifference {
  readonly scenarios: readonly string[]
  readonly side: 'C' | 'models'
  /** Key of the finding. */
  readonly key: string
  readonly reason: string
}

/** Scenarios in which a reference counter underflows. */
const underflowing = [
  'lpm-twice-hierarchy',
  'lpm-thrice-hierarchy',
  'ofdt-remove-add',
  'sysfs-after-lpm',
  'lookup-after-lpm',
  'prrn-during-lpm',
  'memory-pressure',
  'memory-pressure-directory',
  'memory-pressure-kobject',
  'memory-pressure-property-file',
]

/** Standard scenarios after which memory can be scanned, because no task is waiting. */
const atRest = [
  ...underflowing,
  'lpm-once-hierarchy',
  'lpm-once-per-node',
  'property-update-after-lpm',
  'driver-reload-after-lpm',
  'module-load-after-lpm',
  'failed-migration',
]

const reason =
  'the WARN is in refcount_sub_and_test(), which gcc inlined into refcount_dec_and_test() in the recorded kernel. The models name the latter'

/** All known differences between the models and the C code of v4.18. A test fails if one of them disappears. */
const explainedDifferences: readonly ExplainedDifference[] = [
  {
    scenarios: underflowing,
    side: 'C',
    key: 'console WARNING at lib/refcount.c refcount_sub_and_test: refcount_t: underflow; use-after-free.',
    reason,
  },
  {
    scenarios: underflowing,
    side: 'models',
    key: 'console WARNING at lib/refcount.c refcount_dec_and_test: refcount_t: underflow; use-after-free.',
    reason,
  },
  {
    scenarios: atRest,
    side: 'C',
    key: 'leak /vdevice[0] held by of_irq_find_parent',
    reason:
      'the boot maps interrupts of VIO devices, and of_irq_parse_raw() keeps a reference on their controller: a leak of v4.18, and the models have no interrupts',
  },
]

/** A finding that exists on one side only. */
export interface OneSidedFindingKey {
  readonly scenario: string
  readonly side: 'C' | 'models'
  readonly key: string
}

const explains = ({ scenarios, side, key }: ExplainedDifference, difference: OneSidedFindingKey): boolean =>
  side === difference.side && key === difference.key && scenarios.includes(difference.scenario)

/** The known reason why a finding exists on one side only; null if there is none. */
export function knownReasonOf(difference: OneSidedFindingKey): string | null {
  return explainedDifferences.find((row) => explains(row, difference))?.reason ?? null
}

/** Findings that exist on one side only. The keys of both sides must be from the same scenario. */
export function differencesOf(
  scenario: string,
  inC: readonly string[],
  inModels: readonly string[],
): OneSidedFindingKey[] {
  return [
    ...inC.filter((key) => !inModels.includes(key)).map((key) => ({ scenario, side: 'C' as const, key })),
    ...inModels
      .filter((key) => !inC.includes(key))
      .map((key) => ({ scenario, side: 'models' as const, key })),
  ]
}

/** Differences without explanation, and explanations without difference. */
export function unexplained(
  differences: readonly OneSidedFindingKey[],
  explained: readonly ExplainedDifference[] = explainedDifferences,
): { readonly differences: readonly OneSidedFindingKey[]; readonly unused: readonly OneSidedFindingKey[] } {
  const isUnused = (row: ExplainedDifference, scenario: string): boolean =>
    !differences.some((one) => one.scenario === scenario && explains(row, one))
  return {
    differences: differences.filter((one) => !explained.some((row) => explains(row, one))),
    unused: explained.flatMap((row) =>
      row.scenarios
        .filter((scenario) => isUnused(row, scenario))
        .map((scenario): OneSidedFindingKey => ({ scenario, side: row.side, key: row.key })),
    ),
  }
}
