// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, PatchDiff } from '@pfo-workbench/compare'
import type { JSX } from 'preact'
import { render } from 'preact-render-to-string'
import { cellAnchor } from './html/anchors.ts'
import { cellStory } from './html/cell.tsx'
import { FragmentStore } from './html/fragment-store.tsx'
import { Legend, Matrix } from './html/matrix.tsx'
import { pack } from './html/pack.ts'
import { Page } from './html/page.tsx'
import { patchEntry } from './html/patches.tsx'
import { packedRuns } from './html/runs.ts'
import { Steps } from './html/steps.tsx'
import { summaryOf, type Summary } from './html/summary.ts'
import { variantSection } from './html/variants.tsx'
import { defaultCommands, type ReportOptions } from './options.ts'
import { printable, printableData, printableLines } from './printable.ts'
import { cellFinder } from './view/comparison.ts'
import { gridOf, type GridRow } from './view/grid.ts'
import { interactionsOf, type InteractionGroup } from './view/interactions.ts'
import { leftOutTitle } from './view/left-out.ts'
import { playedOn } from './view/made-with.ts'
import { toComparisonView, type ComparisonView } from './wording/comparison-view.ts'

function Interactions({ groups }: { readonly groups: readonly InteractionGroup[] }): JSX.Element | null {
  if (groups.length === 0) return null
  return (
    <section>
      <h2 id="interactions">Interactions between patches</h2>
      {groups.map(({ kind, meaning, told }) => (
        <>
          <h3>
            {kind} <small>{meaning}</small>
          </h3>
          <ul>
            {told.map(({ variant, message }) => (
              <li>
                <b>{variant}</b>: {message}
              </li>
            ))}
          </ul>
        </>
      ))}
    </section>
  )
}

/**
 * Collects the diffs of all patches, by patch id. Message and diff keep their line breaks; unprintable characters are
 * escaped.
 */
function patchesOf({ variants }: Pick<Comparison, 'variants'>): ReadonlyMap<string, readonly PatchDiff[]> {
  const patches = new Map<string, readonly PatchDiff[]>()
  for (const { diffs } of variants) {
    for (const { id } of diffs) {
      if (patches.has(id)) continue
      const own = diffs.filter((diff) => diff.id === id)
      patches.set(
        id,
        own.map(({ body, text, ...diff }) => ({
          ...printableData(diff),
          body: printableLines(body),
          text: printableLines(text),
        })),
      )
    }
  }
  return patches
}

function patchSection(patches: ReturnType<typeof patchesOf>, library: FragmentStore): JSX.Element | null {
  if (patches.size === 0) return null
  return (
    <section>
      <h2 id="patches">Patches</h2>
      {[...patches].map(([id, diffs]) => patchEntry(printable(id), diffs, library))}
    </section>
  )
}

interface AboutProps {
  readonly commands: readonly string[]
  readonly leftOut: Comparison['leftOut']
  readonly oracles: Comparison['oracles']
}

function Terms({ terms }: { readonly terms: readonly (readonly [id: string, what: string])[] }): JSX.Element {
  return (
    <dl class="oracles">
      {terms.map(([id, what]) => (
        <div>
          <dt>{id}</dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
  )
}

function About({ commands, oracles, leftOut = [] }: AboutProps): JSX.Element {
  return (
    <section>
      <h2 id="about">How to reproduce</h2>
      <p>In a checkout of the PFO Workbench, on any machine with Node 20 and git:</p>
      <pre>{['npm ci', ...commands].join('\n')}</pre>
      {leftOut.length > 0 && (
        <>
          <h3>{leftOutTitle}</h3>
          <Terms terms={leftOut.map(({ id, reason }) => [id, reason])} />
        </>
      )}
      <h3>Oracles</h3>
      <Terms terms={oracles.map(({ id, title }) => [id, title])} />
    </section>
  )
}

/** Renders the detail view of every cell, by the cell's anchor. */
function storiesOf(
  shown: ComparisonView,
  rows: readonly GridRow[],
  library: FragmentStore,
): Readonly<Record<string, string>> {
  const find = cellFinder(shown)
  const stories = rows.flatMap(({ variant, cells }) => {
    const { diffs, exercise } = variant
    return cells.flatMap((one, index) => {
      const ran = exercise
        .filter(({ scenarios }) => scenarios.includes(one.scenario))
        .map(({ statement }) => statement)
      const unpatched = find(shown.baseline, one.scenario)
      if (one.cell === undefined || unpatched === undefined) return []
      const title = shown.scenarios[index]?.title ?? ''
      const story = cellStory(one, title, { cell: one.cell, unpatched, diffs, ran }, library)
      return [[cellAnchor(one.cell), render(story)] as const]
    })
  })
  return Object.fromEntries(stories)
}

/** Makes all texts of the comparison printable. Only diffs and commit messages keep their line breaks. */
function toldForPage(comparison: Comparison): ComparisonView {
  const told = printableData(toComparisonView(comparison))
  const variants = told.variants.map((variant, index) => ({
    ...variant,
    diffs: (comparison.variants[index]?.diffs ?? []).map((diff) => ({
      ...printableData(diff),
      body: printableLines(diff.body),
      text: printableLines(diff.text),
    })),
  }))
  return { ...told, variants }
}

/**
 * Renders the comparison as one self-contained page. The answer, the matrix and the bugs of each variant need no
 * scripts. The details of each cell and the patches are compressed. The page's script shows the details beside the
 * matrix, and each patch in its section.
 *
 * @param comparison - the comparison to show
 * @param options - `commands`
 */
export function toHtml(comparison: Comparison, options: ReportOptions = {}): string {
  const shown = toldForPage(comparison)
  const title = `Linux ${shown.kernel}: which patch?`
  const rows = gridOf(shown)
  const library = new FragmentStore()
  const summary = summaryOf(comparison, rows)
  const cells = storiesOf(shown, rows, library)
  const patches = patchSection(patchesOf(comparison), library)
  const variants = summary.groups.flatMap(({ title, rows }) =>
    rows.map((row) => variantSection(row, title, library)),
  )
  const interactions = interactionsOf(shown)
  const runs = packedRuns(shown)
  const page = (
    <Page title={title} data={pack({ cells, pieces: library.pieces(), runs })}>
      <a class="skip" href="#matrix">
        To the matrix
      </a>
      <header>
        <h1>{title}</h1>
        <nav aria-label="Sections">
          <a href="#matrix">Matrix</a>
          {interactions.length > 0 && <a href="#interactions">Interactions</a>}
          {runs !== null && (
            <span data-scripted hidden>
              <a href="#steps">Steps</a> <a href="#picture">Phandle cache</a>
            </span>
          )}
          <a href="#variants">Variants</a>
          {patches !== null && <a href="#patches">Patches</a>}
          <a href="#about">How to reproduce</a>
          <button type="button" id="theme" hidden>
            Dark
          </button>
        </nav>
        <form id="filter" role="search" hidden>
          <input type="search" name="words" aria-label="Filter" placeholder="filter: wipe oracle:oops" />
          <output />
        </form>
      </header>
      <main>
        <section>
          <p class="answer">{summary.answer}</p>
          <p class="reason">
            {summary.played.join('. ')} {playedOn(shown)}
          </p>
          <h2 id="matrix">Variants and scenarios</h2>
          <Matrix comparison={shown} groups={summary.groups} />
          <Legend rows={rows} />
          <Stacks stacks={summary.stacks} />
          <noscript>
            <p>
              The evidence of each cell is packed; this page needs scripts to show it. "pfo explain" prints
              it.
            </p>
          </noscript>
        </section>
        {runs !== null && (
          <Steps
            groups={summary.groups}
            scenarios={shown.scenarios.map(({ id }) => id)}
            baseline={shown.baseline}
          />
        )}
        <Interactions groups={interactions} />
        <section>
          <h2 id="variants">Variants, and what they add</h2>
          {variants}
        </section>
        {patches}
        <About
          commands={(options.commands ?? defaultCommands).map(printable)}
          leftOut={shown.leftOut}
          oracles={shown.oracles}
        />
      </main>
      <Panel />
    </Page>
  )
  return `<!doctype html>\n${render(page)}\n`
}

/** The panel beside the matrix. It shows the cell that the URL's fragment names. */
function Panel(): JSX.Element {
  return (
    <aside id="panel" aria-labelledby="panel-title" hidden>
      <div class="panel-head">
        <h2 id="panel-title" tabIndex={-1}>
          {' '}
        </h2>
        <div role="group" aria-label="Cells">
          <button type="button" data-go="-1">
            ← Previous
          </button>
          <button type="button" data-go="1">
            Next →
          </button>
          <button type="button" data-go="close" title="Esc">
            Close
          </button>
        </div>
      </div>
      <div class="panel-body" tabIndex={0} role="region" aria-label="Story" />
    </aside>
  )
}

/** Explains the letters that stand for stacks. */
function Stacks({ stacks }: Pick<Summary, 'stacks'>): JSX.Element | null {
  if (stacks.length === 0) return null
  return (
    <dl class="stacks">
      {stacks.map(({ name, spelled }) => (
        <div>
          <dt>{name}</dt>
          <dd>{spelled}</dd>
        </div>
      ))}
    </dl>
  )
}
