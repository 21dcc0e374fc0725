// SPDX-License-Identifier: GPL-2.0-only
import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

/** Returns the serious and critical violations that axe finds on a page: the rule, and the elements that break it. */
export async function axeFaults(page: Page): Promise<string[]> {
  // Evaluated from outside: the page's policy forbids further scripts.
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<AxeResults>('axe.run()')
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  return serious.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ target }) => `${impact ?? ''} ${id}: ${target.join(' ')}`),
  )
}
