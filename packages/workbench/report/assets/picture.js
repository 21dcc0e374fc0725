// SPDX-License-Identifier: GPL-2.0-only
// @ts-check
'use strict'
{
  const { data, runOf, html, svg, standing } = pfo
  const view = document.getElementById('picture-view')
  const variants = document.getElementById('picture-variants')
  const scenario = document.querySelector('#steps-form select[name="scenario"]')
  const box = { width: 57, height: 43, gap: 8, top: 8, left: 7 }
  const words = {
    attached: 'in tree',
    detached: 'detached',
    released: 'released',
    freed: 'freed',
    unknown: 'gone',
  }

  /** The last component of a path, shortened. */
  const short = (/** @type {string} */ path) =>
    (path.split('/').pop() ?? '').replace(/^ibm,/, '').slice(0, 9).replace(/-$/, '')
  const generation = (/** @type {string} */ node) => Number(/\[(\d+)\]$/.exec(node)?.[1] ?? 0)
  const cell = (
    /** @type {number} */ x,
    /** @type {number} */ y,
    /** @type {string} */ what,
    /** @type {string[]} */ lines,
  ) =>
    svg(
      'g',
      { class: what, transform: `translate(${x} ${y})` },
      svg('rect', { width: box.width, height: box.height, rx: 4 }),
      ...lines.map((line, at) => svg('text', { x: box.width / 2, y: 13 + at * 12 }, line)),
    )

  /**
   * Draws one machine. For each path, its nodes are in a column with the oldest on top. An arrow goes from the cache
   * entry below to the node that it points to.
   */
  const draw = (
    /** @type {ReturnType<typeof runOf>[number]} */ moment,
    /** @type {string[]} */ paths,
    /** @type {number} */ rows,
  ) => {
    const bottom = box.top + rows * (box.height + box.gap) + 18
    const columns = paths.map((path, at) => {
      const x = box.left + at * (box.width + box.gap)
      const own = moment.nodes
        .filter((node) => node.path === path)
        .toSorted((a, b) => generation(a.node) - generation(b.node))
      const y = (/** @type {number} */ row) => box.top + row * (box.height + box.gap)
      const nodes = own.map((node, row) => {
        const what = standing(node)
        const count = node.life === 'allocated' ? ` ref ${node.refcount}` : ''
        return cell(x, y(row), what, [short(path), `[${generation(node.node)}]${count}`, words[what]])
      })
      const entry = moment.phandleCache.find(({ node }) => own.some((one) => one.node === node))
      if (entry === undefined) return [...nodes, cell(x, bottom, 'empty', ['cache', 'empty'])]
      const row = own.findIndex(({ node }) => node === entry.node)
      const what = entry.freed ? 'freed' : standing(own[row])
      // The arrow runs in the gap to the left of the nodes.
      const [from, to] = [bottom + box.height / 2, y(row) + box.height / 2]
      const arrow = svg('path', { class: `arrow ${what}`, d: `M${x} ${from}h-5V${to}h5m-4 -4l4 4l-4 4` })
      const lines = ['cache', `[${generation(entry.node)}]`, words[what]]
      return [...nodes, arrow, cell(x, bottom, what, lines)]
    })
    const width = box.left * 2 + paths.length * (box.width + box.gap) - box.gap
    const height = bottom + box.height + 8
    const cached = moment.phandleCache.map(({ node, freed }) => `${node}${freed ? ' (freed)' : ''}`)
    const label = `The phandle cache points to: ${cached.length === 0 ? 'nothing' : cached.join(', ')}`
    return svg(
      'svg',
      { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': label },
      ...columns.flat(),
    )
  }

  const show = async () => {
    const { runs } = await data()
    if (runs === null || view === null || !(scenario instanceof HTMLSelectElement)) return
    // The two variants whose steps are shown, and the variants that are ticked.
    const sides = [...document.querySelectorAll('#steps-form optgroup option:checked')].flatMap((one) =>
      one instanceof HTMLOptionElement ? [{ id: one.value, name: one.text }] : [],
    )
    const ticked = [...(variants?.querySelectorAll('input:checked') ?? [])].flatMap((one) =>
      one instanceof HTMLInputElement
        ? [{ id: one.value, name: one.parentElement?.textContent?.trim() ?? '' }]
        : [],
    )
    const chosen = [...new Map([...sides, ...ticked].map((one) => [one.id, one])).values()]
    const steps = runs.steps[scenario.value] ?? []
    const migrations = steps.flatMap(({ migrates }, at) => (migrates ? [at] : []))
    // The step before the first migration, and each migration.
    const times = migrations.length === 0 ? [steps.length - 1] : [(migrations[0] ?? 1) - 1, ...migrations]
    const played = chosen.map((one) => ({ ...one, run: runOf(runs, `${one.id}/${scenario.value}`) }))
    const moments = played.flatMap(({ run }) => times.flatMap((at) => run[at] ?? []))
    // Show only paths that were cached or that had more than one node.
    const nodes = moments.flatMap((moment) => moment.nodes)
    const named = new Map(nodes.map((node) => [node.node, node.path]))
    const cached = moments.flatMap(({ phandleCache }) => phandleCache.map(({ node }) => named.get(node)))
    const again = nodes.filter(({ node }) => generation(node) > 0).map(({ path }) => path)
    const migrated = new Set(again)
    const all = [...new Set([...cached, ...again])]
      .flatMap((path) => (path === undefined ? [] : [path]))
      .toSorted()
    const paths = migrated.size > 0 ? all.filter((path) => migrated.has(path)) : all
    const rows = Math.max(
      1,
      ...nodes.filter(({ path }) => paths.includes(path)).map(({ node }) => generation(node) + 1),
    )
    const head = times.map((_, at) =>
      html('th', { scope: 'col' }, at === 0 ? 'before the first migration' : `after migration ${at}`),
    )
    const body = played.map(({ name, run }) =>
      html(
        'tr',
        {},
        html('th', { scope: 'row' }, name),
        ...times.map((at) => {
          const moment = run[at]
          return html('td', {}, moment === undefined ? 'the run ended before' : draw(moment, paths, rows))
        }),
      ),
    )
    view.replaceChildren(
      html(
        'table',
        { class: 'picture' },
        html('thead', {}, html('tr', {}, html('th', { scope: 'col' }, 'variant'), ...head)),
        html('tbody', {}, ...body),
      ),
    )
  }
  for (const one of [variants, document.getElementById('steps-form')])
    one?.addEventListener('change', () => void show())
  if (view !== null) {
    const near = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return
      near.disconnect()
      void show()
    })
    near.observe(view)
  }
}
