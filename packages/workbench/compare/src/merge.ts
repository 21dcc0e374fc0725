// SPDX-License-Identifier: GPL-2.0-only
import { isDeepStrictEqual } from 'node:util'
import type { Cell, Comparison, VariantSummary } from './comparison.ts'
import { rankVariants } from './rank.ts'
import { summaryOf } from './verdict/summary.ts'

/** The comparisons cannot be merged; the message says why. */
export class MergeError extends Error {
  override readonly name = 'MergeError'
}

/** Fields that must be equal, with their names for messages. */
const same: readonly (readonly [keyof Comparison, string])[] = [
  ['engine', 'engines'],
  ['kernel', 'kernels'],
  ['compiler', 'compilers'],
  ['configuration', 'configurations of the kernel'],
  ['origin', 'versions of the workbench or of the unpatched sources'],
  ['oracles', 'oracles'],
  ['baseline', 'names of the unpatched kernel'],
]

function shown(value: unknown): string {
  return typeof value === 'string' && value.length <= 80 && !/^[0-9a-f]{32,}$/.test(value)
    ? ` (${value})`
    : ''
}

function checkSame(a: Comparison, b: Comparison): void {
  for (const [field, what] of same) {
    if (isDeepStrictEqual(a[field], b[field])) continue
    const [one, other] = [shown(a[field]), shown(b[field])]
    const which = one === '' || other === '' ? '' : `:${one} and${other}`
    throw new MergeError(`they have different ${what}${which}`)
  }
}

const placeOf = ({ variant, scenario }: Cell): string => JSON.stringify([variant, scenario])

/**
 * All cells; a cell that is in both comparisons appears once.
 *
 * @throws MergeError if such a cell differs
 */
function mergeCells(a: Comparison, b: Comparison): Map<string, Cell> {
  const cells = new Map(a.cells.map((cell) => [placeOf(cell), cell]))
  for (const cell of b.cells) {
    const known = cells.get(placeOf(cell))
    if (known !== undefined && !isDeepStrictEqual(known, cell)) {
      const who = cell.variant === a.baseline ? 'the unpatched kernel' : cell.variant
      throw new MergeError(
        `${who} behaves differently in ${cell.scenario}: the comparisons were made with different sources`,
      )
    }
    cells.set(placeOf(cell), cell)
  }
  return cells
}

const union = (a: readonly string[], b: readonly string[]): string[] => [...new Set([...a, ...b])]

/** The scenarios in which each changed statement ran; empty for a variant that could not be built. */
function mergeExercise(a: VariantSummary, b: VariantSummary): VariantSummary['exercise'] {
  if (a.exercise.length === 0) return b.exercise
  return a.exercise.map((one, at) => ({
    ...one,
    scenarios: union(one.scenarios, b.exercise[at]?.scenarios ?? []),
  }))
}

/**
 * Merges a variant that is in both comparisons. It must have the same patches in both, and so has the same changed
 * statements.
 *
 * @throws MergeError if its patches differ
 */
function mergeVariant(a: VariantSummary, b: VariantSummary): VariantSummary {
  if (!isDeepStrictEqual([a.patches, a.diffs], [b.patches, b.diffs]))
    throw new MergeError(
      `"${a.id}" has different patches in the two comparisons: rename one of the patch files`,
    )
  const worse = a.status === 'ok' ? b : a
  return {
    ...worse,
    exercised: a.exercised || b.exercised,
    exercise: mergeExercise(a, b),
    exerciseUnknown: union(a.exerciseUnknown, b.exerciseUnknown),
  }
}

function mergeVariants(a: Comparison, b: Comparison): VariantSummary[] {
  const others = new Map(b.variants.map((variant) => [variant.id, variant]))
  const own = a.variants.map((variant) => {
    const other = others.get(variant.id)
    return other === undefined ? variant : mergeVariant(variant, other)
  })
  return [...own, ...b.variants.filter(({ id }) => !a.variants.some((one) => one.id === id))]
}

function mergeTwo(a: Comparison, b: Comparison): Comparison {
  checkSame(a, b)
  const byPlace = mergeCells(a, b)
  const variants = mergeVariants(a, b)
  const scenarios = [
    ...a.scenarios,
    ...b.scenarios.filter(({ id }) => !a.scenarios.some((one) => one.id === id)),
  ]
  const leftOut = [...(a.leftOut ?? []), ...(b.leftOut ?? [])].filter(
    ({ id }, at, all) => all.findIndex((one) => one.id === id) === at,
  )
  const cells = variants.flatMap(({ id, status }) =>
    scenarios.flatMap((scenario): Cell[] => {
      const cell = byPlace.get(JSON.stringify([id, scenario.id]))
      if (cell === undefined && status === 'ok')
        throw new MergeError(
          `"${id}" was not played in ${scenario.id}: all variants must be played in the same scenarios`,
        )
      return cell === undefined ? [] : [cell]
    }),
  )
  const interactions = [...a.interactions, ...b.interactions]
  const summaries = variants.map((variant) => ({ ...variant, ...summaryOf(variant.id, cells) }))
  return {
    ...a,
    variants: rankVariants(summaries),
    scenarios,
    ...(leftOut.length === 0 ? {} : { leftOut }),
    cells,
    interactions: interactions.filter(
      (one, at) => interactions.findIndex((two) => isDeepStrictEqual(one, two)) === at,
    ),
  }
}

/**
 * Merges comparisons with the same unpatched kernel: different variants in the same scenarios, or the same variants in
 * different scenarios.
 *
 * @throws MergeError if their engines, kernels, sources or oracles differ, if a common variant or cell differs, or if a
 * variant lacks a scenario of the result
 */
export function mergeComparisons([first, ...others]: readonly [Comparison, ...Comparison[]]): Comparison {
  return others.reduce(mergeTwo, first)
}
