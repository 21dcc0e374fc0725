// SPDX-License-Identifier: GPL-2.0-only
import type { Cell, Comparison, NodeCounts, VariantSummary } from '@pfo-workbench/compare'
import type { JSX } from 'preact'
import { cellFinder } from '../view/comparison.ts'
import type { GridCell, GridRow } from '../view/grid.ts'
import { reasonOf } from '../view/reasons.ts'
import { cellAnchor, linkTo, patchAnchor, variantAnchor } from './anchors.ts'
import { ConsoleDiff } from './console.tsx'
import { findingList } from './evidence.tsx'
import type { Library } from './library.tsx'
import { signOf, wordsOf } from './marks.ts'
import { Name } from './name.tsx'
import { Timeline, timelineTitle } from './timeline.tsx'
import { Trees } from './tree.tsx'

/** A cell and what it is held against. */
interface Played {
  readonly cell: Cell
  /** The same scenario on the unpatched kernel; the cell itself, if it is that. */
  readonly unpatched: Cell
}

/** Where a piece was first met. */
function placeOf({ variant, scenario }: Cell): string {
  return `${variant}, ${scenario}`
}

function consoleLink({ cell, unpatched }: Played, library: Library): JSX.Element {
  const differs = JSON.stringify(cell.console) !== JSON.stringify(unpatched.console)
  const text = differs ? 'Console, against the unpatched kernel' : 'Console, as on the unpatched kernel'
  return library.link(
    'console',
    [unpatched.console, cell.console],
    placeOf(cell),
    () => <ConsoleDiff before={unpatched.console} after={cell.console} />,
    cell === unpatched ? 'Console' : text,
  )
}

/** The same points, but for where in the run they are. */
function shapeOf({ node, points }: NodeCounts): unknown {
  return [node, points.map(({ step, count, by }) => [step, count, by])]
}

function countLinks({ cell, unpatched }: Played, library: Library): JSX.Element[] {
  const others = unpatched.story?.counts ?? []
  const steps = cell.steps.length
  return (cell.story?.counts ?? []).map((counts) => {
    const same = others.find(({ node }) => node === counts.node)
    const shape = JSON.stringify(shapeOf(counts))
    const other = same === undefined || JSON.stringify(shapeOf(same)) === shape ? undefined : same
    const key = [steps, shape, other === undefined ? null : shapeOf(other)]
    return (
      <li>
        {library.link('counts', key, timelineTitle(counts), () => (
          <Timeline counts={counts} unpatched={other} steps={steps} />
        ))}
      </li>
    )
  })
}

function treeLink({ cell }: Played, library: Library): JSX.Element | null {
  const trees = cell.story?.trees
  if (trees === undefined) return null
  return library.link(
    'tree',
    trees,
    placeOf(cell),
    () => <Trees trees={trees} />,
    'Device tree before and after',
  )
}

function steps(cell: Cell): JSX.Element | null {
  const all = cell.steps
  if (all.length === 0) return null
  return (
    <ol class="steps" start={0}>
      {all.map(({ title, result }) => (
        <li>
          {title} <code>{result}</code>
        </li>
      ))}
    </ol>
  )
}

function cellDetails(
  variant: string,
  one: GridCell,
  title: string,
  played: Played,
  library: Library,
): JSX.Element {
  const counts = countLinks(played, library)
  return (
    <details class="played">
      <summary>
        <span class={`cell ${one.verdict}`}>
          <b>{signOf(one)}</b>
        </span>
        <span>
          <b>{one.scenario}</b> {wordsOf(one)}
          <small>{title}</small>
        </span>
      </summary>
      {/* An anchor within a closed element opens it; the element's own would not. */}
      <div id={cellAnchor(variant, one.scenario)} tabIndex={-1}>
        {findingList(played.cell.findings, library)}
        {steps(played.cell)}
        <ul class="more">
          <li>{consoleLink(played, library)}</li>
          {treeLink(played, library) !== null && <li>{treeLink(played, library)}</li>}
        </ul>
        {counts.length > 0 && (
          <details class="counts">
            <summary>Reference counts of {counts.length} nodes</summary>
            <ul>{counts}</ul>
          </details>
        )}
        <p class="back">
          <a href="#matrix">Back to the matrix</a>
        </p>
      </div>
    </details>
  )
}

function patchLinks({ patches }: VariantSummary): JSX.Element | null {
  if (patches.length === 0) return null
  return (
    <p>
      {patches.length === 1 ? 'Patch: ' : 'Patches: '}
      {patches.map((patch, index) => (
        <>
          {index > 0 && ', '}
          <a href={linkTo(patchAnchor(patch))}>{patch}</a>
        </>
      ))}
    </p>
  )
}

/** Each variant, the best first: its rank and the reason for it, and what was found in each scenario. */
export function variantSections(
  comparison: Comparison,
  rows: readonly GridRow[],
  library: Library,
): JSX.Element[] {
  const find = cellFinder(comparison)
  return rows.map(({ variant, cells }) => (
    <section class="variant" id={variantAnchor(variant.id)}>
      <h3>
        <span class="rank">{variant.status === 'ok' ? variant.rank : '–'}</span>
        <Name text={variant.id} />
      </h3>
      <p>{variant.title}</p>
      <p class="reason">{reasonOf(comparison, variant)}</p>
      {patchLinks(variant)}
      {variant.reason !== undefined && <pre>{variant.reason}</pre>}
      {cells.map((one, index) => {
        const unpatched = find(comparison.baseline, one.scenario)
        if (one.cell === undefined || unpatched === undefined) return null
        const title = comparison.scenarios[index]?.title ?? ''
        return cellDetails(variant.id, one, title, { cell: one.cell, unpatched }, library)
      })}
    </section>
  ))
}
