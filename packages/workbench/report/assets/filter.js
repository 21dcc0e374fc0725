// SPDX-License-Identifier: GPL-2.0-only
// @ts-check
'use strict'
{
  const form = document.getElementById('filter')
  const matrix = document.querySelector('.matrix')
  const heads = [...(matrix?.querySelectorAll('th[data-scenario]') ?? [])]
  const names = [...document.querySelectorAll('.oracles dt')].map((name) => name.textContent ?? '')
  const attribute = (/** @type {Element} */ element, /** @type {string} */ name) =>
    element.getAttribute(name) ?? ''

  /**
   * Splits a filter into words: `oracle:oops`, `scenario:lpm`, and parts of variant names. A row, column or cell is
   * shown if it matches at least one word of each kind in the filter.
   */
  const wordsOf = (/** @type {string} */ text) => {
    /** @type {{ variant: string[], oracle: string[], scenario: string[] }} */
    const words = { variant: [], oracle: [], scenario: [] }
    for (const word of text.toLowerCase().split(/\s+/)) {
      const [, kind, value] = /^(variant|oracle|scenario):(.*)$/.exec(word) ?? ['', 'variant', word]
      if (value) words[/** @type {keyof typeof words} */ (kind)].push(value)
    }
    return words
  }
  const fits = (/** @type {string[]} */ words, /** @type {string} */ text) =>
    words.length === 0 || words.some((word) => text.toLowerCase().includes(word))

  const apply = (/** @type {string} */ text) => {
    const words = wordsOf(text)
    const columns = heads.map((head) => fits(words.scenario, attribute(head, 'data-scenario')))
    heads.forEach((head, at) => head.toggleAttribute('hidden', columns[at] === false))
    let [rows, cells] = [0, 0]
    for (const row of matrix?.querySelectorAll('tr[data-variant]') ?? []) {
      let shown = 0
      heads.forEach((_, at) => {
        const place = row.children[at + 1]
        const cell = place?.firstElementChild
        if (!place || !cell) return
        const found = attribute(cell, 'data-oracles').split(' ')
        const hit =
          words.oracle.length === 0 || found.some((one) => fits(words.oracle, names[Number(one)] ?? ''))
        place.toggleAttribute('hidden', columns[at] === false)
        cell.classList.toggle('faint', !hit)
        if (hit && columns[at] === true) shown += 1
      })
      const hidden = !fits(words.variant, attribute(row, 'data-variant')) || shown === 0
      row.toggleAttribute('hidden', hidden)
      if (!hidden) {
        rows += 1
        cells += shown
      }
    }
    for (const group of matrix?.querySelectorAll('tbody') ?? [])
      group.toggleAttribute('hidden', group.querySelector('tr[data-variant]:not([hidden])') === null)
    const output = form?.querySelector('output')
    if (output) output.textContent = text.trim() === '' ? '' : `${cells} cells of ${rows} variants`
  }

  if (form !== null) {
    form.hidden = false
    form.addEventListener('submit', (event) => event.preventDefault())
    form.addEventListener('input', (event) => {
      if (event.target instanceof HTMLInputElement) apply(event.target.value)
    })
  }
}
