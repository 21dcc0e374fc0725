// SPDX-License-Identifier: GPL-2.0-only
import { counted } from '@pfo-workbench/wording'
import type { CheckedFinding, CheckedPatch } from './document.ts'

/** Number of decisions to show. For a longer path, the first and the last decisions are shown. */
const shownSteps = { first: 3, last: 8 }

/** The decisions of a path on one line: `130 of_get_property() == NULL -> 141 kzalloc() != NULL -> return at 152`. */
export function pathText({ path, rule, line, file }: CheckedFinding): string {
  const steps = path
    .map(
      (step) =>
        `${step.file.endsWith(file) || step.file === '' ? '' : `${step.file.split('/').at(-1) ?? ''}:`}${step.line} ${step.text}`,
    )
    .filter((step, i, all) => step !== all[i - 1])
  const { first, last } = shownSteps
  const shown =
    steps.length <= first + last ? steps : [...steps.slice(0, first), '...', ...steps.slice(-last)]
  return [...shown, rule === 'leak' ? `return at ${line}` : `line ${line}`].join(' -> ')
}

/** The status of a finding as a phrase. */
export function statusText({ status }: CheckedFinding): string {
  switch (status) {
    case 'introduced':
      return 'introduced by this patch'
    case 'fixed':
      return 'fixed by this patch'
    case 'partly-fixed':
      return 'only partly fixed by this patch'
    case 'kept':
      return 'was there before this patch'
    case 'present':
      return 'present'
  }
}

/**
 * Lists the executed functions by configuration, with their numbers of paths. Remarks: "not all" if a budget ended the
 * exploration, "approximate" if unsupported code was encountered or a call was too deep to be executed.
 */
export function coverage({ functions }: CheckedPatch): readonly string[] {
  if (functions.length === 0) return []
  const byConfiguration = new Map<string, string[]>()
  for (const { name, configuration, forced, paths, complete, approximate } of functions) {
    const key = forced.length === 0 ? configuration : `${configuration} with ${forced.join(', ')} forced`
    const remarks = [...(complete ? [] : ['not all']), ...(approximate ? ['approximate'] : [])]
    const text = `${name}() on ${counted(paths, 'path')}${remarks.length === 0 ? '' : ` (${remarks.join(', ')})`}`
    byConfiguration.set(key, [...(byConfiguration.get(key) ?? []), text])
  }
  return [...byConfiguration].map(
    ([configuration, texts]) => `executed, ${configuration}: ${texts.join(', ')}`,
  )
}

/** The verdict on a patch in one line. It never claims that a patch without findings is correct. */
export function verdict({ state, findings, functions, reason }: CheckedPatch): string {
  if (functions.length === 0) {
    const why = reason === undefined ? '' : `: ${reason.split('\n')[0] ?? ''}`
    return `${stateText[state]}${why}`
  }
  const counts = (['introduced', 'partly-fixed', 'fixed', 'kept', 'present'] as const).flatMap((status) => {
    const count = findings.filter(
      (finding) => finding.status === status && finding.severity !== 'note',
    ).length
    return count === 0 ? [] : [`${count} ${status}`]
  })
  const prefix = state === 'already-applied' ? 'already in the tree; ' : ''
  return prefix + (counts.length > 0 ? counts.join(', ') : 'nothing found on the explored paths')
}

const stateText: Readonly<Record<CheckedPatch['state'], string>> = {
  applied: 'applied',
  'already-applied': 'already in the tree',
  conflict: 'does not apply',
  elsewhere: 'applies only in another place',
  'does-not-compile': 'does not compile',
  stopped: 'was not judged',
  'nothing-to-execute': 'nothing to execute',
  unpatched: 'nothing to execute',
}

/**
 * Splits findings into those that a report shows in full and those that it only counts. Kept findings are only counted
 * unless requested.
 */
export function shownAndCounted(
  patch: CheckedPatch,
  kept: boolean,
): { shown: readonly CheckedFinding[]; counted: readonly CheckedFinding[] } {
  const isShown = ({ status }: CheckedFinding): boolean => kept || status !== 'kept'
  return {
    shown: patch.findings.filter(isShown),
    counted: patch.findings.filter((finding) => !isShown(finding)),
  }
}
