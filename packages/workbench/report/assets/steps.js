// SPDX-License-Identifier: GPL-2.0-only
// @ts-check
'use strict'
{
  const { data, runOf, html, standing } = pfo
  const form = document.getElementById('steps-form')
  const view = document.getElementById('steps-view')
  const title = document.getElementById('steps-title')
  let step = 0
  /** The selection box of this name. */
  const chosen = (/** @type {string} */ name) => {
    const select = form?.querySelector(`select[name="${name}"]`)
    return select instanceof HTMLSelectElement ? select : null
  }
  const value = (/** @type {string} */ name) => chosen(name)?.value ?? ''

  const countOf = (/** @type {{ life: string, refcount: number }} */ { life, refcount }) =>
    life === 'allocated' ? `${refcount} ${refcount === 1 ? 'reference' : 'references'}` : life
  const flagsOf = (/** @type {{ flags: string[] }} */ { flags }) =>
    flags.length > 0 ? `, ${flags.join(' ')}` : ''

  /** The four lists that describe a machine after a step. Each line has a CSS class. */
  const listsOf = (/** @type {ReturnType<typeof runOf>[number]} */ { nodes, phandleCache, vio, holders }) => {
    const byName = new Map(nodes.map((node) => [node.node, node]))
    const sorted = nodes.toSorted((a, b) => (a.node < b.node ? -1 : 1))
    return [
      [
        'Tree',
        sorted
          .filter(({ inTree }) => inTree)
          .map((node) => ['attached', `${node.node}: ${countOf(node)}${flagsOf(node)}`]),
      ],
      [
        'Not in the tree',
        sorted
          .filter(({ inTree }) => !inTree)
          .map((node) => {
            const held = holders[node.node]
            return [
              standing(node),
              `${node.node}: ${countOf(node)}${flagsOf(node)}${held ? `; held: ${held}` : ''}`,
            ]
          }),
      ],
      [
        'Phandle cache',
        phandleCache.map(({ slot, node, freed }) => {
          const what = freed ? 'freed' : standing(byName.get(node))
          return [what, `[${slot}] → ${node} (${what})`]
        }),
      ],
      [
        'VIO devices',
        vio.map(({ device, driver, node }) => {
          const what = node === null ? 'unknown' : standing(byName.get(node))
          return [
            what,
            `${device}: ${driver ?? 'no driver'} → ${node ?? 'no node'}${node === null ? '' : ` (${what})`}`,
          ]
        }),
      ],
    ]
  }

  /** @typedef {[string, string[][]][]} Lists */
  const column = (
    /** @type {string} */ name,
    /** @type {Lists | null} */ lists,
    /** @type {Lists | null} */ other,
  ) => {
    const content = (lists ?? []).flatMap(([heading, lines], at) => {
      const theirs = new Set((other?.[at]?.[1] ?? []).map(([, text]) => text))
      const items = lines.map(([what = '', text = '']) => {
        const differs = other !== null && !theirs.has(text)
        return html(
          'li',
          { class: differs ? `${what} differs` : what },
          ...(differs ? [html('b', {}, '≠ ')] : []),
          text,
        )
      })
      return [html('h4', {}, heading), items.length > 0 ? html('ul', {}, ...items) : html('p', {}, 'none')]
    })
    return html(
      'div',
      {},
      html('h3', {}, name),
      ...(lists === null ? [html('p', {}, 'The run ended before this step.')] : content),
    )
  }

  const runs = async () => {
    const all = (await data()).runs
    if (all === null) return null
    const scenario = value('scenario')
    const [left, right] = ['left', 'right'].map((side) => runOf(all, `${value(side)}/${scenario}`))
    return { left: left ?? [], right: right ?? [], steps: all.steps[scenario] ?? [] }
  }
  const lists = (/** @type {ReturnType<typeof runOf>} */ run, /** @type {number} */ at) => {
    const moment = run[at]
    return moment === undefined ? null : /** @type {Lists} */ (listsOf(moment))
  }
  const nameOf = (/** @type {string} */ side) => chosen(side)?.selectedOptions[0]?.textContent ?? ''

  const draw = async () => {
    const all = await runs()
    if (all === null || view === null || title === null) return
    const last = Math.max(all.left.length, all.right.length, 1) - 1
    step = Math.max(0, Math.min(step, last))
    title.textContent = `After step ${step} of ${last}: ${all.steps[step]?.title ?? ''}`
    const [left, right] = [lists(all.left, step), lists(all.right, step)]
    view.replaceChildren(column(nameOf('left'), left, right), column(nameOf('right'), right, left))
  }
  const difference = async () => {
    const all = await runs()
    if (all === null) return
    const length = Math.max(all.left.length, all.right.length)
    const differs = (/** @type {number} */ at) =>
      JSON.stringify(lists(all.left, at)) !== JSON.stringify(lists(all.right, at))
    const first = Array.from({ length }, (_, at) => at).find(differs)
    if (first !== undefined) step = first
    await draw()
    if (first === undefined && title !== null) title.textContent += ' There is no difference in any step.'
  }
  const show = async () => {
    await draw()
    const parts = [value('scenario'), value('left'), value('right'), String(step)]
    history.replaceState(null, '', `#${encodeURIComponent(`steps:${parts.join('|')}`)}`)
  }

  form?.addEventListener('change', () => void show())
  form?.addEventListener('click', (event) => {
    const by = event.target instanceof HTMLElement ? event.target.dataset['step'] : undefined
    if (by === undefined) return
    if (by === 'difference') void difference().then(show)
    else {
      step += Number(by)
      void show()
    }
  })

  /** Goes to the step that the URL names: `steps:scenario|left|right|step`. */
  const go = () => {
    const [, text] = /^#steps%3A(.*)$/i.exec(location.hash.replace(/^#steps:/, '#steps%3A')) ?? []
    if (text === undefined) return
    const [scenario, left, right, at] = decodeURIComponent(text).split('|')
    for (const [name, wanted] of Object.entries({ scenario, left, right })) {
      const select = chosen(name)
      if (select !== null && wanted) select.value = wanted
    }
    step = Number(at ?? 0) || 0
    form?.dispatchEvent(new Event('change', { bubbles: true }))
    document.getElementById('steps')?.scrollIntoView()
  }
  addEventListener('hashchange', go)
  document.addEventListener('story', (event) => {
    if (
      !(event instanceof CustomEvent) ||
      !(event.target instanceof Element) ||
      event.detail.all.runs === null
    )
      return
    const [variant, scenario] = event.detail.anchor.split('/')
    const link = html(
      'a',
      { href: `#${encodeURIComponent(`steps:${scenario}|baseline|${variant}|0`)}` },
      'Step by step, beside the unpatched kernel',
    )
    event.target.append(html('p', {}, link))
  })

  const section = document.getElementById('machine')
  if (section !== null) {
    section.hidden = false
    for (const links of document.querySelectorAll('[data-scripted]')) links.removeAttribute('hidden')
    // Draw only when the section comes into view, so that the first screen does not wait for it.
    const near = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return
      near.disconnect()
      void draw()
    })
    near.observe(section)
    go()
  }
}
