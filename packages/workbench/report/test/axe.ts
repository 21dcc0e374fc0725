// SPDX-License-Identifier: GPL-2.0-only
import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

/** What axe finds on a page that is serious or worse: the rule, and where it is broken. */
export async function axeFaults(page: Page): Promise<string[]> {
  // Not as a script of the page, whose policy would forbid it.
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<AxeResults>('axe.run()')
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  return serious.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ target }) => `${impact ?? ''} ${id}: ${target.join(' ')}`),
  )
}
