// SPDX-License-Identifier: GPL-2.0-only
// @ts-check
'use strict'
{
  const { data } = pfo
  /** @typedef {Awaited<ReturnType<typeof data>>} Data */

  // Where browsers enforce trusted types, only this policy may create HTML. The report's renderer has already escaped
  // it.
  const rules = { createHTML: (/** @type {string} */ html) => html }
  const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy('pfo-report', rules) ?? rules
  const elements = (/** @type {string} */ html) => {
    const template = document.createElement('template')
    template.innerHTML = policy.createHTML(html)
    return template.content
  }

  /**
   * Replaces links by their pieces, and the links in these pieces in turn. Closed elements are filled in when they are
   * opened.
   */
  const embed = (/** @type {Element} */ holder, /** @type {Data} */ { pieces }) => {
    for (;;) {
      const links = [...holder.querySelectorAll('a[data-piece]')].filter(
        (link) => !link.parentElement?.closest('details:not([open])'),
      )
      if (links.length === 0) return
      for (const link of links) {
        if (!(link instanceof HTMLAnchorElement)) continue
        const piece = document.createElement('div')
        if (link.dataset['piece'] === 'captioned') {
          const caption = document.createElement('p')
          caption.className = 'caption'
          caption.textContent = link.textContent
          piece.append(caption)
        }
        piece.append(elements(pieces[link.hash.slice(1)] ?? ''))
        link.replaceWith(piece)
      }
    }
  }
  const embedAll = async (/** @type {Element} */ holder) => embed(holder, await data())
  document.addEventListener(
    'toggle',
    (event) => {
      if (event.target instanceof HTMLDetailsElement && event.target.open) void embedAll(event.target)
    },
    true,
  )

  const panel = document.getElementById('panel')
  const title = document.getElementById('panel-title')
  const body = panel?.querySelector('.panel-body')
  const cells = () =>
    /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll('.matrix a.cell')]).filter((cell) =>
      cell.checkVisibility(),
    )
  const current = () => document.querySelector('.matrix a.cell[aria-current]')
  const address = () => {
    try {
      return decodeURIComponent(location.hash.slice(1))
    } catch {
      return ''
    }
  }

  /** The anchor of a cell; the cell's own link points to it. */
  const anchorOf = (/** @type {Element | null} */ cell) =>
    cell instanceof HTMLAnchorElement ? decodeURIComponent(cell.hash.slice(1)) : ''

  const close = () => {
    const cell = current()
    if (panel !== null) panel.hidden = true
    document.body.classList.remove('beside')
    cell?.removeAttribute('aria-current')
    if (address().includes('/')) history.replaceState(null, '', '#matrix')
    if (cell instanceof HTMLElement) cell.focus()
  }

  /** Opens the finding that the URL names. Lists of findings are loaded one after another until one contains it. */
  const showFinding = (/** @type {string} */ name, /** @type {Data} */ all) => {
    const find = () =>
      [...(body?.querySelectorAll('[data-finding]') ?? [])].find(
        (one) => one instanceof HTMLElement && one.dataset['finding'] === name,
      )
    for (const group of body?.querySelectorAll('.findings > details') ?? []) {
      if (find() !== undefined) break
      if (!(group instanceof HTMLDetailsElement)) continue
      const wasOpen = group.open
      group.open = true
      embed(group, all)
      if (find() === undefined) group.open = wasOpen
    }
    const found = find()
    if (!(found instanceof HTMLDetailsElement)) return
    for (let up = found.parentElement; up !== null && up !== body; up = up.parentElement)
      if (up instanceof HTMLDetailsElement) up.open = true
    found.open = true
    embed(found, all)
    found.classList.add('addressed')
    found.scrollIntoView({ block: 'start' })
  }

  /** Adds a permanent link to each finding. */
  const nameFindings = (/** @type {string} */ anchor) => {
    for (const finding of body?.querySelectorAll('[data-finding]') ?? []) {
      const summary = finding.querySelector('summary')
      if (
        !(finding instanceof HTMLElement) ||
        summary === null ||
        summary.nextElementSibling?.matches('.address')
      )
        continue
      const link = document.createElement('a')
      link.href = `#${encodeURIComponent(`${anchor}/${finding.dataset['finding'] ?? ''}`)}`
      link.textContent = 'Address of this finding'
      const line = document.createElement('p')
      line.className = 'address'
      line.append(link)
      summary.after(line)
    }
  }

  const open = async (/** @type {HTMLElement} */ cell, /** @type {string} */ finding) => {
    if (panel === null || title === null || !body) return
    current()?.removeAttribute('aria-current')
    cell.setAttribute('aria-current', 'true')
    const anchor = anchorOf(cell)
    // Use the row's heading: it shows a stack by its letter.
    const name = cell.closest('tr')?.querySelector('th')?.textContent ?? ''
    title.textContent = `${name}, ${anchor.slice(anchor.lastIndexOf('/') + 1)}`
    panel.hidden = false
    document.body.classList.add('beside')
    cell.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    body.replaceChildren('Unpacking ...')
    const all = await data()
    if (current() !== cell) return
    body.replaceChildren(elements(all.cells[anchor] ?? ''))
    body.scrollTop = 0
    embed(body, all)
    nameFindings(anchor)
    if (finding !== '') showFinding(finding, all)
    body.dispatchEvent(new CustomEvent('story', { bubbles: true, detail: { anchor, all } }))
  }
  document.addEventListener(
    'toggle',
    () => {
      const cell = current()
      if (cell !== null) void data().then(() => nameFindings(anchorOf(cell)))
    },
    true,
  )

  /** Goes to the place that the URL names: a cell, a finding of a cell, or an element that may be collapsed. */
  const go = () => {
    const name = address()
    const cell = [...document.querySelectorAll('.matrix a.cell')].find(
      (one) => name === anchorOf(one) || name.startsWith(`${anchorOf(one)}/`),
    )
    if (cell instanceof HTMLElement) {
      void open(cell, name.slice(anchorOf(cell).length + 1))
      return
    }
    const target = document.getElementById(name)
    for (let up = target?.parentElement; up; up = up.parentElement)
      if (up instanceof HTMLDetailsElement) up.open = true
    target?.scrollIntoView()
  }
  addEventListener('hashchange', go)

  /** Opens the cell this many places after the current one; before it if negative. */
  const step = (/** @type {number} */ by) => {
    const all = cells()
    const at = all.findIndex((cell) => cell === current())
    const next = all[at + by]
    if (next === undefined) return
    // Open the cell now. The hashchange event comes later than the next key.
    history.pushState(null, '', next.hash)
    go()
  }
  panel?.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null
    const where = button?.dataset['go']
    if (where === 'close') close()
    else if (where !== undefined) step(Number(where))
  })
  addEventListener('keydown', (event) => {
    if (panel === null || panel.hidden || event.altKey || event.ctrlKey || event.metaKey) return
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return
    if (event.key === 'Escape') close()
    else if (event.key === 'n' || event.key === 'j') step(1)
    else if (event.key === 'p' || event.key === 'k') step(-1)
    else return
    event.preventDefault()
  })
  if (location.hash !== '') go()
  // Unpack in the background: the first paint does not wait for the data, and the first cell opens at once.
  else if ('requestIdleCallback' in globalThis) requestIdleCallback(() => void data())
  else setTimeout(() => void data(), 500)
}
