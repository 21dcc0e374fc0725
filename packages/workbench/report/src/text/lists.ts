// SPDX-License-Identifier: GPL-2.0-only
import type { ComparisonView } from '../wording/comparison-view.ts'

/** `all scenarios`, a list of names, or `all scenarios but ...`. */
export function scenarioList(scenarios: readonly string[], all: readonly { readonly id: string }[]): string {
  if (all.length > 1 && scenarios.length === all.length) return 'all scenarios'
  return listOrRest('all scenarios', scenarios, all)
}

/** `every variant`, a list of names, or `every variant but ...`. */
export function variantList(names: readonly string[], { variants, baseline }: ComparisonView): string {
  const all = variants.filter(({ id, status }) => id !== baseline && status === 'ok')
  if (all.length > 3 && all.every(({ id }) => names.includes(id))) return 'every variant'
  return listOrRest('every variant', names, all)
}

function listOrRest(
  everything: string,
  some: readonly string[],
  all: readonly { readonly id: string }[],
): string {
  const missing = all.filter(({ id }) => !some.includes(id)).map(({ id }) => id)
  const isMost = all.length > 4 && missing.length <= 2 && missing.length === all.length - some.length
  return isMost ? `${everything} but ${missing.join(', ')}` : some.join(', ')
}
