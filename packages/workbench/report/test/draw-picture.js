// SPDX-License-Identifier: GPL-2.0-only
// Draws docs/phandle-cache.png from the page that `pfo compare --format html` makes: node packages/workbench/report/test/draw-picture.js PAGE
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('name the page: npx pfo compare --format html --output page.html')

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
try {
  const page = await browser.newPage({ viewport: { width: 1800, height: 1200 }, colorScheme: 'light' })
  const address = encodeURIComponent('steps:lpm-thrice-hierarchy|baseline|wipe|0')
  await page.goto(`${pathToFileURL(resolve(file)).href}#${address}`)
  await page.locator('#picture').scrollIntoViewIfNeeded()
  await page.locator('details:has(#picture-variants) > summary').click()
  await page.locator('#picture-variants input[value="cache-fix"]').check()
  const picture = page.locator('#picture-view table.picture')
  await picture.getByText('cache-fix').waitFor()
  await picture.screenshot({ path: join(import.meta.dirname, '../../../../docs/phandle-cache.png') })
} finally {
  await browser.close()
}
