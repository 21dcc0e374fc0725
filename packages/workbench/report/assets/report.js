// SPDX-License-Identifier: GPL-2.0-only
// @ts-check
'use strict'
{
  /** Only one cell of the matrix is in the Tab order; arrow keys move between cells. */
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

  // Show the text for screen readers as a tooltip too.
  document.querySelector('.matrix')?.addEventListener('pointerover', (event) => {
    const cell = event.target instanceof HTMLElement ? event.target.closest('a.cell') : null
    if (cell instanceof HTMLElement) cell.title = cell.ariaLabel ?? ''
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
}
