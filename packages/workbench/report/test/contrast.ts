// SPDX-License-Identifier: GPL-2.0-only
import type { Page } from 'playwright-core'

/** Runs in the page. Collects the colour and background colour of every visible text as red, green and blue values. */
const collect = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = color
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const over = (top, under) => [0, 1, 2].map((at) => (top[at] * top[3] + under[at] * (255 - top[3])) / 255)
  const behind = (element) => {
    if (element === null) return [255, 255, 255]
    const own = rgba(getComputedStyle(element).backgroundColor)
    return own[3] === 255 ? own.slice(0, 3) : over(own, behind(element.parentElement))
  }
  const found = new Map()
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement
    if (walker.currentNode.data.trim() === '' || !element.checkVisibility()) continue
    const style = getComputedStyle(element)
    const ink = element.namespaceURI.endsWith('svg') ? style.fill : style.color
    const back = behind(element)
    const text = over(rgba(ink), back)
    const key = element.tagName + '.' + (element.getAttribute('class') ?? '')
    found.set(key + text + back, { key, text, back })
  }
  return [...found.values()]
})()`

interface Colours {
  readonly key: string
  readonly text: readonly number[]
  readonly back: readonly number[]
}

/** Relative luminance as defined by WCAG 2. */
function luminance(colour: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Returns the texts of a page with a contrast below 4.5, the minimum of WCAG AA. */
export async function contrastFaults(page: Page): Promise<string[]> {
  const all = await page.evaluate<Colours[]>(collect)
  if (all.length === 0) throw new Error('the page has no text')
  return all.flatMap(({ key, text, back }) => {
    const [dark = 0, bright = 0] = [luminance(text), luminance(back)].toSorted((a, b) => a - b)
    const contrast = (bright + 0.05) / (dark + 0.05)
    return contrast < 4.5 ? [`${key}: ${contrast.toFixed(2)}`] : []
  })
}
