// SPDX-License-Identifier: GPL-2.0-only
import type { VariantSummary } from '@pfo-workbench/compare'

type Exercised = Pick<VariantSummary, 'exercise' | 'exerciseUnknown'>

/** The changed statements that are not known to have run in any scenario. */
export function neverRan({ exercise }: Exercised): VariantSummary['exercise'] {
  return exercise.filter(({ scenarios }) => scenarios.length === 0)
}

/**
 * Says how many changed statements never ran: `2 of 5 changed statements never ran`. The results say nothing about
 * these. If the patches change no statement, says so. Null if all changed statements ran.
 *
 * @param notExercised - start of the text for a variant none of whose changed statements ran
 */
export function exerciseText(variant: Exercised, notExercised = 'not exercised: '): string | null {
  const { exercise, exerciseUnknown } = variant
  const idle = neverRan(variant).length
  const unknown =
    exerciseUnknown.length === 0 ? '' : `; what ran in ${exerciseUnknown.join(', ')} is not known`
  if (exercise.length === 0)
    return 'no statement changes: only types, data, comments or deleted functions differ'
  if (idle === 0) return null
  const all = String(exercise.length)
  if (idle < exercise.length) return `${String(idle)} of ${all} changed statements never ran${unknown}`
  if (unknown !== '') return `not known to be exercised${unknown}`
  if (exercise.length === 1) return `${notExercised}its changed statement ran in no scenario`
  return `${notExercised}none of its ${all} changed statements ran in any scenario`
}
