// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, PatchDiff } from '@pfo-workbench/compare'
import { oracles } from '@pfo-workbench/oracle'
import type { JSX } from 'preact'
import { render } from 'preact-render-to-string'
import { Library } from './html/library.tsx'
import { Legend, Matrix } from './html/matrix.tsx'
import { Page } from './html/page.tsx'
import { Patch } from './html/patches.tsx'
import { variantSections } from './html/variants.tsx'
import { defaultCommand, type ReportOptions } from './options.ts'
import { printable, printableData, printableLines } from './printable.ts'
import { gridOf } from './view/grid.ts'
import { interactionKinds, interactionsOf } from './view/interactions.ts'

function Interactions({ comparison }: { readonly comparison: Comparison }): JSX.Element | null {
  const all = interactionsOf(comparison)
  if (all.length === 0) return null
  return (
    <section>
      <h2 id="interactions">What the patches do to each other</h2>
      {interactionKinds.map(([kind, meaning]) => {
        const own = all.filter((one) => one.kind === kind)
        if (own.length === 0) return null
        return (
          <>
            <h3>
              {kind} <small>{meaning}</small>
            </h3>
            <ul>
              {own.map(({ variant, message }) => (
                <li>
                  <b>{variant}</b>: {message}
                </li>
              ))}
            </ul>
          </>
        )
      })}
    </section>
  )
}

/** Every patch of any variant once; a diff keeps its lines, but for characters that are none. */
function patchesOf(comparison: Comparison): PatchDiff[] {
  const all = comparison.variants.flatMap(({ diffs }) => diffs)
  return [...new Map(all.map((diff) => [diff.id, diff])).values()].map((diff) => ({
    ...printableData({ id: diff.id, subject: diff.subject }),
    text: printableLines(diff.text),
  }))
}

function Patches({ patches }: { readonly patches: readonly PatchDiff[] }): JSX.Element | null {
  if (patches.length === 0) return null
  return (
    <section>
      <h2 id="patches">Patches</h2>
      {patches.map((patch) => (
        <Patch patch={patch} />
      ))}
    </section>
  )
}

function About({ command }: { readonly command: string }): JSX.Element {
  return (
    <section>
      <h2 id="about">How to reproduce</h2>
      <p>In a checkout of the PFO Workbench, on any machine with Node 20 and git:</p>
      <pre>{`npm ci\n${command}`}</pre>
      <h3>What was looked for</h3>
      <dl class="oracles">
        {oracles.map(({ id, title }) => (
          <div>
            <dt>{id}</dt>
            <dd>{title}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/**
 * The comparison as one page that needs nothing but itself: the matrix, each cell with its evidence, reference counts, device
 * tree and console, and the patches. It can be read without scripts.
 *
 * @param comparison - what to show
 * @param options - `command`
 */
export function toHtml(comparison: Comparison, options: ReportOptions = {}): string {
  const shown = printableData(comparison)
  const { kernel, variants, scenarios } = shown
  const title = `Linux ${kernel}: ${String(variants.length)} variants, ${String(scenarios.length)} scenarios`
  const rows = gridOf(shown)
  const library = new Library()
  const sections = variantSections(shown, rows, library)
  const patches = patchesOf(comparison)
  const page = (
    <Page title={title}>
      <a class="skip" href="#matrix">
        To the matrix
      </a>
      <header>
        <h1>{title}</h1>
        <nav aria-label="Sections">
          <a href="#matrix">Matrix</a>
          {interactionsOf(shown).length > 0 && <a href="#interactions">Interactions</a>}
          <a href="#variants">Variants</a>
          {patches.length > 0 && <a href="#patches">Patches</a>}
          <a href="#about">How to reproduce</a>
          <button type="button" id="theme" hidden>
            Dark
          </button>
        </nav>
      </header>
      <main>
        <section>
          <h2 id="matrix">Variants and scenarios</h2>
          <p>
            Variants from best to worst, held against the unpatched kernel in the same scenario. A cell leads
            to its evidence.
          </p>
          <Legend />
          <Matrix comparison={shown} rows={rows} />
        </section>
        <Interactions comparison={shown} />
        <section>
          <h2 id="variants">Variants, and why they rank as they do</h2>
          {sections}
        </section>
        <Patches patches={patches} />
        <About command={printable(options.command ?? defaultCommand)} />
        <section>
          <h2 id="appendix">Evidence, once each</h2>
          {library.section('evidence', 'Findings')}
          {library.section('counts', 'Reference counts')}
          {library.section('tree', 'Device trees')}
          {library.section('console', 'Consoles')}
        </section>
      </main>
    </Page>
  )
  return `<!doctype html>\n${render(page)}\n`
}
