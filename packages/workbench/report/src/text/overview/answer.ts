// SPDX-License-Identifier: GPL-2.0-only
import { unpatchedTotal, type Comparison } from '@pfo-workbench/compare'
import { counted } from '@pfo-workbench/wording'
import type { Recommendation } from '../../recommend/recommend.ts'

const numbers = 'no one two three four five six seven eight nine ten eleven twelve'.split(' ')

/** Spells small numbers: `two`. */
export const inWords = (count: number): string => numbers[count] ?? String(count)

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

/** Describes the comparison, and the findings of the unpatched kernel. */
export function headLines({ kernel, variants, scenarios, cells, baseline }: Comparison): string[] {
  const patched = variants.filter(({ id }) => id !== baseline)
  const single = patched.filter(({ patches }) => patches.length === 1).length
  const stacks = patched.length - single
  const what = [
    ...(single > 0 ? [counted(single, 'patch', 'patches')] : []),
    ...(stacks > 0 ? [single > 0 ? `${counted(stacks, 'stack')} of them` : counted(stacks, 'stack')] : []),
    counted(scenarios.length, 'scenario'),
  ]
  const unpatched = cells.filter(({ variant }) => variant === baseline)
  const found = unpatched.reduce((sum, { findings }) => sum + findings.length, 0)
  const clean = unpatched.filter(({ findings }) => findings.length === 0).length
  const ended = (outcome: string): number => unpatched.filter((cell) => cell.outcome === outcome).length
  const ends = [
    ...(ended('oops') > 0 ? [`${counted(ended('oops'), 'ends', 'end')} in an Oops`] : []),
    ...(ended('deadlock') > 0 ? [`${counted(ended('deadlock'), 'ends', 'end')} in a deadlock`] : []),
    ...(ended('unmodelled') > 0 ? [`${String(ended('unmodelled'))} cut short`] : []),
  ]
  const cleanText = clean === 0 ? 'no scenario is clean' : `${counted(clean, 'scenario')} clean`
  return [
    `Linux ${kernel}: ${what.join(', ')}`,
    `Unpatched: ${counted(found, 'finding')}; ${[cleanText, ...ends].join(', ')}.`,
  ]
}

/**
 * The variant that the answer is about; its row is always shown. Undefined if each variant adds a bug or was not
 * judged.
 */
export function answered(all: readonly Recommendation[]): Recommendation | undefined {
  return all.find(({ verdict }) => verdict === 'merge') ?? all.find(({ verdict }) => verdict === 'not-enough')
}

/** Says which variants leave nothing to report, or else which variant comes closest. */
export function answer(
  all: readonly Recommendation[],
  scenarios: number,
  name: (id: string) => string,
): string {
  const best = all.filter(({ verdict }) => verdict === 'merge')
  const single = best.filter(({ variant }) => variant.patches.length === 1).map(({ variant }) => variant.id)
  const [first] = best
  const where = scenarios === 1 ? 'in the scenario' : `in all ${String(scenarios)} scenarios`
  if (single.length > 0)
    return `${single.slice(0, 3).join(' or ')} ${single.length > 1 ? 'each leave' : 'leaves'} nothing to report ${where}.`
  if (first !== undefined) {
    const count = first.variant.patches.length
    return `No single patch is enough. ${capital(inWords(count))} together leave nothing to report (${name(first.variant.id)}).`
  }
  const judged = all.filter(({ verdict }) => verdict !== 'not-judged')
  if (judged.length === 0) return 'None of these patches could be judged.'
  const closest = answered(all)
  if (closest === undefined) {
    const which = judged.length < all.length ? 'None that could be judged' : 'None of them'
    return `${which} should be merged as it is: each adds a bug.`
  }
  const { id, fixed } = closest.variant
  const what = `adds no bug and fixes ${String(fixed)} of ${String(unpatchedTotal(closest.variant))}`
  if (all.length === 1) return `${name(id)} ${what}.`
  return `No variant fixes everything. The closest is ${name(id)}: it ${what}.`
}
