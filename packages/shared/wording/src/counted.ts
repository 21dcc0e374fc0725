// SPDX-License-Identifier: GPL-2.0-only

const rules = new Intl.PluralRules('en')

/** Formats a count: `1 scenario`, `2 scenarios`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${rules.select(count) === 'one' ? one : many}`
}
