// SPDX-License-Identifier: GPL-2.0-only

/** Something that the oracles find on one side only, and why. */
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

const reason =
  'the WARN stands in refcount_sub_and_test(), which gcc put into refcount_dec_and_test() in the recorded kernel: the models name that'

/** All differences between the models and the C of the kernel that they model which are known. A test fails if one does not happen any more. */
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
    scenarios: ['driver-reload-after-lpm'],
    side: 'models',
    key: 'memory-leak nx842_counters allocated by nx842_probe',
    reason: 'the C engine does not say what memory in use points to, so memory-leak is silent there',
  },
]

/** One finding that only one side has. */
export interface Difference {
  readonly scenario: string
  readonly side: 'C' | 'models'
  readonly key: string
}

/** The findings that only one side has: keys of those of the same scenario on both. */
export function differencesOf(
  scenario: string,
  inC: readonly string[],
  inModels: readonly string[],
): Difference[] {
  return [
    ...inC.filter((key) => !inModels.includes(key)).map((key) => ({ scenario, side: 'C' as const, key })),
    ...inModels
      .filter((key) => !inC.includes(key))
      .map((key) => ({ scenario, side: 'models' as const, key })),
  ]
}

/** The differences that nothing explains, and the explanations of scenarios in which nothing is to be explained. */
export function unexplained(
  differences: readonly Difference[],
  explained: readonly ExplainedDifference[] = explainedDifferences,
): { readonly differences: readonly Difference[]; readonly unused: readonly Difference[] } {
  const rows = explained.flatMap(({ scenarios, side, key }) =>
    scenarios.map((scenario): Difference => ({ scenario, side, key })),
  )
  const isSame = (a: Difference, b: Difference): boolean =>
    a.scenario === b.scenario && a.side === b.side && a.key === b.key
  return {
    differences: differences.filter((one) => !rows.some((row) => isSame(row, one))),
    unused: rows.filter((row) => !differences.some((one) => isSame(row, one))),
  }
}
