// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, PatchDiff } from '@pfo-workbench/compare'
import type { JSX } from 'preact'
import { render } from 'preact-render-to-string'
import { Library } from './html/library.tsx'
import { Legend, Matrix } from './html/matrix.tsx'
import { Page } from './html/page.tsx'
import { Patch } from './html/patches.tsx'
import { variantSections } from './html/variants.tsx'
import { defaultCommands, type ReportOptions } from './options.ts'
import { printable, printableData, printableLines } from './printable.ts'
import { counted } from './text/lines.ts'
import { gridOf } from './view/grid.ts'
import { interactionsOf, type InteractionGroup } from './view/interactions.ts'
import { tell } from './wording/told.ts'

function Interactions({ groups }: { readonly groups: readonly InteractionGroup[] }): JSX.Element | null {
  if (groups.length === 0) return null
  return (
    <section>
      <h2 id="interactions">What the patches do to each other</h2>
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

/** The diffs of each patch of any variant, by its id; message and diff keep their lines, but for characters that are none. */
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

function Patches({ patches }: { readonly patches: ReturnType<typeof patchesOf> }): JSX.Element | null {
  if (patches.size === 0) return null
  return (
    <section>
      <h2 id="patches">Patches</h2>
      {[...patches].map(([id, diffs]) => (
        <Patch id={printable(id)} diffs={diffs} />
      ))}
    </section>
  )
}

interface AboutProps {
  readonly commands: readonly string[]
  readonly oracles: Comparison['oracles']
}

function About({ commands, oracles }: AboutProps): JSX.Element {
  return (
    <section>
      <h2 id="about">How to reproduce</h2>
      <p>In a checkout of the PFO Workbench, on any machine with Node 20 and git:</p>
      <pre>{['npm ci', ...commands].join('\n')}</pre>
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
 * @param options - `commands`
 */
export function toHtml(comparison: Comparison, options: ReportOptions = {}): string {
  const shown = printableData(tell(comparison))
  const { kernel, variants, scenarios } = shown
  const title = `Linux ${kernel}: ${counted(variants.length, 'variant')}, ${counted(scenarios.length, 'scenario')}`
  const rows = gridOf(shown)
  const library = new Library()
  const sections = variantSections(shown, rows, library)
  const patches = patchesOf(comparison)
  const interactions = interactionsOf(shown)
  const page = (
    <Page title={title}>
      <a class="skip" href="#matrix">
        To the matrix
      </a>
      <header>
        <h1>{title}</h1>
        <nav aria-label="Sections">
          <a href="#matrix">Matrix</a>
          {interactions.length > 0 && <a href="#interactions">Interactions</a>}
          <a href="#variants">Variants</a>
          {patches.size > 0 && <a href="#patches">Patches</a>}
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
          <Legend rows={rows} />
          <Matrix comparison={shown} rows={rows} />
        </section>
        <Interactions groups={interactions} />
        <section>
          <h2 id="variants">Variants, and why they rank as they do</h2>
          {sections}
        </section>
        <Patches patches={patches} />
        <About commands={(options.commands ?? defaultCommands).map(printable)} oracles={shown.oracles} />
        <section>
          <h2 id="appendix">What many cells show, once each</h2>
          {library.appendix()}
        </section>
      </main>
    </Page>
  )
  return `<!doctype html>\n${render(page)}\n`
}
