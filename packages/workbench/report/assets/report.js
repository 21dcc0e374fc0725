// SPDX-License-Identifier: GPL-2.0-only
// @ts-check
'use strict'
{
  /** The cell that an address leads to, opened: some browsers do not open what an anchor is in. */
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
    for (let up = target?.parentElement; up; up = up.parentElement) {
      if (up instanceof HTMLDetailsElement) up.open = true
    }
    for (const link of document.querySelectorAll('a.cell')) {
      if (link instanceof HTMLAnchorElement && location.hash !== '' && link.hash === location.hash) {
        link.setAttribute('aria-current', 'true')
      } else link.removeAttribute('aria-current')
    }
    target?.scrollIntoView()
  }
  addEventListener('hashchange', reveal)

  /** What stands once in the appendix is copied to where it is opened, with what that leads to in turn. */
  const embed = (/** @type {HTMLDetailsElement} */ details) => {
    let brought = false
    for (const link of details.querySelectorAll('a[data-piece]')) {
      if (!(link instanceof HTMLAnchorElement) || link.closest('details') !== details) continue
      const piece = document.getElementById(link.hash.slice(1))
      if (piece === null) continue
      const holder = document.createElement('div')
      if (link.dataset['piece'] === 'captioned') {
        const caption = document.createElement('p')
        caption.className = 'caption'
        caption.textContent = link.textContent
        holder.append(caption)
      }
      holder.append(...Array.from(piece.childNodes, (node) => node.cloneNode(true)))
      link.replaceWith(holder)
      brought = true
    }
    // What was brought may have links of its own.
    if (brought) embed(details)
  }
  document.addEventListener(
    'toggle',
    (event) => {
      if (event.target instanceof HTMLDetailsElement && event.target.open) embed(event.target)
    },
    true,
  )

  /** Of the matrix's cells one is in the order of the Tab key; arrows move among them. */
  const rows = Array.from(document.querySelectorAll('.matrix tbody tr'), (row) => [
    ...row.querySelectorAll('a.cell'),
  ])
  const all = rows.flat()
  const enter = (/** @type {Element | undefined} */ cell) => {
    if (!(cell instanceof HTMLElement)) return
    for (const other of all) other.setAttribute('tabindex', other === cell ? '0' : '-1')
    cell.focus()
  }
  for (const cell of all) cell.setAttribute('tabindex', cell === all[0] ? '0' : '-1')
  document.querySelector('.matrix')?.addEventListener('keydown', (event) => {
    if (!(event instanceof KeyboardEvent) || event.altKey || event.ctrlKey || event.metaKey) return
    const y = rows.findIndex((row) => row.some((cell) => cell === event.target))
    const row = rows[y]
    if (row === undefined) return
    const x = row.findIndex((cell) => cell === event.target)
    /** @type {Record<string, Element | undefined>} */
    const to = {
      ArrowRight: row[x + 1],
      ArrowLeft: row[x - 1],
      ArrowDown: rows[y + 1]?.[x],
      ArrowUp: rows[y - 1]?.[x],
      Home: row[0],
      End: row.at(-1),
    }
    if (!(event.key in to)) return
    event.preventDefault()
    enter(to[event.key])
  })

  const theme = document.getElementById('theme')
  if (theme !== null) {
    const root = document.documentElement
    const isDark = () =>
      root.dataset.theme === undefined
        ? matchMedia('(prefers-color-scheme: dark)').matches
        : root.dataset.theme === 'dark'
    const name = () => {
      theme.textContent = isDark() ? 'Light' : 'Dark'
    }
    theme.hidden = false
    theme.addEventListener('click', () => {
      root.dataset.theme = isDark() ? 'light' : 'dark'
      name()
    })
    name()
  }

  for (const details of document.querySelectorAll('.findings > details[open]')) {
    details
      .closest('.played')
      ?.addEventListener('toggle', () => embed(/** @type {HTMLDetailsElement} */ (details)), {
        once: true,
      })
  }
  if (location.hash !== '') reveal()
}
