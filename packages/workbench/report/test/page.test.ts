// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toHtml } from '../src/index.ts'
import { axeFaults } from './axe.ts'
import { findBrowser } from './browser.ts'
import { contrastFaults } from './contrast.ts'
import { told } from './stories.ts'
import { manyVariants } from './support.ts'

const place = findBrowser()
const missing = 'missing' in place ? place.missing : ''
// In CI these tests must not be skipped.
const mustRun = process.env['CI'] !== undefined

describe.skipIf(missing !== '' && !mustRun)(
  `the page in a browser${missing && ` (skipped: ${missing})`}`,
  () => {
    let browser: Browser
    let folder: string

    beforeAll(async () => {
      if ('missing' in place) throw new Error(place.missing)
      folder = mkdtempSync(join(tmpdir(), 'pfo-page-'))
      writeFileSync(join(folder, 'told.html'), toHtml(told))
      writeFileSync(join(folder, 'wide.html'), toHtml(manyVariants))
      browser = await chromium.launch({ executablePath: place.path, args: ['--no-sandbox'] })
    })

    afterAll(async () => {
      await browser.close()
      rmSync(folder, { recursive: true, force: true })
    })

    /** Opens a page and records its network requests and console messages. */
    async function open(
      name: string,
      options: BrowserContextOptions = {},
    ): Promise<{ page: Page; noise: string[] }> {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
      const page = await context.newPage()
      const noise: string[] = []
      page.on('console', (message) => noise.push(message.text()))
      page.on('pageerror', (fault) => noise.push(fault.message))
      page.on('request', (request) => {
        if (!request.isNavigationRequest() && !request.url().startsWith('data:')) noise.push(request.url())
      })
      await page.goto(pathToFileURL(join(folder, `${name}.html`)).href)
      return { page, noise }
    }

    it('sends no request and logs no error, whatever is opened', async () => {
      const { page, noise } = await open('told')
      for (const summary of await page.locator('summary:visible').all()) await summary.click()
      await page.locator('#theme').click()
      expect(noise).toEqual([])
    })

    it('shows the answer, the matrix and the bugs of variants without scripts', async () => {
      const { page } = await open('told', { javaScriptEnabled: false })
      await page.locator('.matrix a.cell[href="#good/twice"]').waitFor()
      expect(await page.locator('.answer').isVisible()).toBe(true)
      expect(await page.locator('#theme, #filter, #panel').filter({ visible: true }).count()).toBe(0)
      expect(await page.locator('.matrix a.cell').count()).toBe(3 * 2)
      expect(await page.locator('[id="variant:good"]').innerText()).toContain('Oops')
    })

    it('opens a cell beside the matrix, moves to the next and back, and closes it', async () => {
      const { page } = await open('told')
      await page.locator('.matrix a.cell[href="#good/once"]').click()
      const title = page.locator('#panel-title')
      expect(await title.innerText()).toBe('good, once')
      await page.getByRole('button', { name: 'Next' }).click()
      await page.locator('#panel').getByText('it died').first().waitFor()
      expect(page.url()).toMatch(/#good\/twice$/)
      await page.keyboard.press('p')
      expect(await page.evaluate('location.hash')).toBe('#good/once')
      await page.keyboard.press('Escape')
      expect(await page.locator('#panel').isVisible()).toBe(false)
      expect(await page.evaluate("document.activeElement.getAttribute('href')")).toBe('#good/once')
    })

    it('opens each finding by its URL', async () => {
      for (const [address, text] of [
        ['good/twice/oops:f', 'it died'],
        ['good/twice/leak:/x[0]', 'f'],
        ['baseline/once/leak:/x[0]', 'f'],
      ] as const) {
        const { page } = await open('told')
        await page.goto(`${page.url()}#${encodeURIComponent(address)}`)
        const finding = page.locator('#panel details.addressed')
        await finding.waitFor()
        expect(await finding.getAttribute('data-finding')).toBe(address.split('/').slice(2).join('/'))
        expect(await finding.innerText()).toContain(text)
      }
    })

    it('filters by variant, oracle and scenario', async () => {
      const { page } = await open('told')
      const rows = page.locator('.matrix tr[data-variant]').filter({ visible: true })
      await page.getByRole('searchbox').fill('good')
      expect(await rows.count()).toBe(1)
      await page.getByRole('searchbox').fill('oracle:oops')
      expect(await page.locator('.matrix a.cell:not(.faint)').filter({ visible: true }).count()).toBe(1)
      await page.getByRole('searchbox').fill('scenario:once')
      expect(await page.locator('.matrix thead th[data-scenario]').filter({ visible: true }).count()).toBe(1)
      await page.getByRole('searchbox').fill('')
      expect(await rows.count()).toBe(4)
    })

    it.each(['told', 'wide'])('fits the width of a phone: %s', async (name) => {
      const { page } = await open(name, { viewport: { width: 360, height: 740 } })
      await page.locator('summary').first().waitFor()
      await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    })

    it('lets the keyboard reach the cells, move between them and open one', async () => {
      const { page } = await open('told')
      const focused = (): Promise<string> =>
        page.evaluate("document.activeElement.getAttribute('href') ?? ''")
      for (let count = 0; count < 40 && !(await focused()).includes('/'); count += 1)
        await page.keyboard.press('Tab')
      expect(await focused()).toBe('#good/once')
      await page.keyboard.press('ArrowRight')
      expect(await focused()).toBe('#good/twice')
      await page.keyboard.press('Home')
      expect(await focused()).toBe('#good/once')
      await page.keyboard.press('End')
      await page.keyboard.press('Enter')
      await page.locator('#panel').getByText('it died').first().waitFor()
      expect(page.url()).toMatch(/#good\/twice$/)
    })

    it('shows the evidence, the pictures and the console of an opened cell', async () => {
      const { page } = await open('told')
      await page.goto(`${page.url()}#good/twice`)
      const details = page.locator('#panel')
      await details.locator('.findings').getByText('it died').first().waitFor()
      for (const name of ['Console', 'Device tree', 'Reference counts'])
        await details.locator('summary', { hasText: name }).click()
      await details.locator('.counts li summary').first().click()
      await details.locator('svg path.count').first().waitFor()
      await details.locator('.tree').waitFor()
      await details.locator('.console ins').getByText('Oops: 7').waitFor()
      await details.locator('.caption', { hasText: 'Console, compared with the unpatched kernel' }).waitFor()
    })

    it('shows a scenario step by step for two variants, and where they first differ', async () => {
      const { page } = await open('told')
      await page.goto(`${page.url()}#${encodeURIComponent('steps:twice|baseline|good|0')}`)
      const view = page.locator('#steps-view')
      await view.getByText('/x[0]: 3 references').first().waitFor()
      expect(await view.locator('.differs').count()).toBe(0)
      await page.getByRole('button', { name: 'First difference' }).click()
      await view.getByText('[1] → /x[0] (detached)').waitFor()
      const [left = '', right = ''] = await view.locator(':scope > div').allInnerTexts()
      expect(left).toContain('/x[0]: 1 reference, OF_DETACHED; held: of_node_init +1, f +1, g −1')
      expect(right).toContain('≠ /x[0]: 2 references, OF_DETACHED')
      expect(right).toContain('x: no driver → /x[0] (detached)')
      await page.waitForURL(/%7C1$/)
    })

    it('draws the targets of the phandle cache after each migration', async () => {
      const { page } = await open('told')
      await page.goto(`${page.url()}#${encodeURIComponent('steps:twice|baseline|good|1')}`)
      await page.locator('#picture').scrollIntoViewIfNeeded()
      const pictures = page.locator('#picture-view svg')
      await pictures.last().waitFor()
      const labels = (await pictures.all()).map((one) => one.getAttribute('aria-label'))
      expect(await Promise.all(labels)).toEqual([
        'The phandle cache points to: /x[0]',
        'The phandle cache points to: /x[0]',
        'The phandle cache points to: /x[0]',
        'The phandle cache points to: nothing',
      ])
      expect(await pictures.nth(1).locator('path.arrow.detached').count()).toBe(1)
    })

    it('shows diffs side by side on a wide screen, and old above new on a phone', async () => {
      for (const [width, columns] of [
        [1280, 4],
        [360, 2],
      ] as const) {
        const { page } = await open('told', { viewport: { width, height: 800 } })
        await page.goto(`${page.url()}#patch:good`)
        const row = page.locator('.diff tr.context').first()
        await row.waitFor()
        expect(await row.locator('td:visible').count()).toBe(columns)
      }
    })

    it.each(['light', 'dark'] as const)('has sufficient contrast everywhere: %s', async (colorScheme) => {
      const { page } = await open('told', { colorScheme })
      await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
      expect(await contrastFaults(page)).toEqual([])
      await page.locator('#theme').click()
      expect(await contrastFaults(page)).toEqual([])
    })

    it.each([
      ['light', 1280],
      ['dark', 1280],
      ['light', 390],
    ] as const)(
      'has no serious accessibility violation (axe), whatever is open: %s, %i pixels wide',
      async (colorScheme, width) => {
        const { page } = await open('told', { colorScheme, viewport: { width, height: 800 } })
        await page.goto(`${page.url()}#${encodeURIComponent('good/twice/oops:f')}`)
        await page.locator('#panel details.addressed').waitFor()
        await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        await page.locator('#panel svg path.count').first().waitFor()
        await page.locator('#steps-view > div').first().waitFor()
        expect(await axeFaults(page)).toEqual([])
      },
    )

    it('switches between dark and light', async () => {
      const { page } = await open('told', { colorScheme: 'light' })
      const background = (): Promise<string> =>
        page.evaluate('getComputedStyle(document.body).backgroundColor')
      const before = await background()
      await page.getByRole('button', { name: 'Dark' }).click()
      expect(await background()).not.toBe(before)
      await page.getByRole('button', { name: 'Light' }).click()
      expect(await background()).toBe(before)
    })
  },
)
