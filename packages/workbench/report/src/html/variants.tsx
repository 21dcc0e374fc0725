// SPDX-License-Identifier: GPL-2.0-only
import type { NodeCounts, Story, VariantSummary } from '@pfo-workbench/compare'
import type { JSX } from 'preact'
import { counted } from '../text/lines.ts'
import { cellFinder } from '../view/comparison.ts'
import type { GridCell, GridRow } from '../view/grid.ts'
import { reasonOf } from '../view/reasons.ts'
import { cellAnchor, linkTo, patchAnchor, placeOf, variantAnchor } from './anchors.ts'
import { ConsoleDiff } from './console.tsx'
import { findingList } from './evidence.tsx'
import type { Library } from './library.tsx'
import { typeset, wordsOf } from './marks.ts'
import { Name } from './name.tsx'
import { Timeline, timelineTitle, type TimelineProps } from './timeline.tsx'
import { Trees } from './tree.tsx'
import { stepResult, stepTitle } from '../view/steps.ts'
import type { ToldCell, ToldComparison } from '../wording/told.ts'

/** A cell and what it is held against. */
interface Played {
  readonly cell: ToldCell
  /** The same scenario on the unpatched kernel; the cell itself, if it is that. */
  readonly unpatched: ToldCell
}

function consoleLink({ cell, unpatched }: Played, library: Library): JSX.Element {
  const isSame = JSON.stringify(cell.console) === JSON.stringify(unpatched.console)
  const text = isSame ? 'Console, as on the unpatched kernel' : 'Console, against the unpatched kernel'
  return library.link(
    'console',
    isSame ? [cell.console] : [unpatched.console, cell.console],
    placeOf(cell),
    cell === unpatched ? 'Console' : text,
    () => <ConsoleDiff before={unpatched.console} after={cell.console} />,
  )
}

/** The same points, but for where in the run they are. */
function shapeOf({ node, points }: NodeCounts): unknown {
  return [node, points.map(({ step, count, by }) => [step, count, by])]
}

/** A node's counts in a run, and on the unpatched kernel if they went otherwise there. */
interface Timed extends TimelineProps {
  readonly key: unknown
  /** Whether the node's counts are those that the unpatched kernel's cell shows. */
  readonly isSame: boolean
}

function timed(counts: NodeCounts, { cell, unpatched }: Played): Timed {
  const run = { counts, steps: cell.steps.length }
  const shape = JSON.stringify(shapeOf(counts))
  const there = unpatched.story?.counts.find(({ node }) => node === counts.node)
  const isSame = there !== undefined && JSON.stringify(shapeOf(there)) === shape
  if (there === undefined || isSame) return { run, unpatched: undefined, key: [run.steps, shape], isSame }
  const other = { counts: there, steps: unpatched.steps.length }
  return { run, unpatched: other, key: [run.steps, shape, other.steps, shapeOf(there)], isSame }
}

function timelineList(nodes: readonly Timed[], cell: ToldCell, library: Library): JSX.Element {
  const key = nodes.map((one) => one.key)
  return library.link('counts', key, placeOf(cell), 'Node by node', () => (
    <ul>
      {nodes.map(({ run, unpatched, key }) => {
        const title = timelineTitle(run.counts)
        return (
          <li>
            {library.link('count', key, title, title, () => (
              <Timeline run={run} unpatched={unpatched} />
            ))}
          </li>
        )
      })}
    </ul>
  ))
}

/**
 * The reference counts of a cell: those that went otherwise than on the unpatched kernel, whose cell shows the others, and how many
 * of its nodes are not there.
 */
function countsOf(played: Played, library: Library): JSX.Element | null {
  const { cell, unpatched } = played
  const all = (cell.story?.counts ?? []).map((counts) => timed(counts, played))
  if (all.length === 0) return null
  const nodes = cell === unpatched ? all : all.filter(({ isSame }) => !isSame)
  const there = new Set(all.map(({ run }) => run.counts.node))
  const missing = (unpatched.story?.counts ?? []).filter(({ node }) => !there.has(node)).length
  const missed = missing > 0 && (
    <p>
      {counted(missing, 'node')} of the <a href={linkTo(cellAnchor(unpatched))}>unpatched run</a>{' '}
      {missing === 1 ? 'does' : 'do'} not come or change here.
    </p>
  )
  if (nodes.length === 0)
    return (
      missed || (
        <p>
          Reference counts are <a href={linkTo(cellAnchor(unpatched))}>as on the unpatched kernel</a>.
        </p>
      )
    )
  const against = cell === unpatched ? '' : ' that go otherwise than on the unpatched kernel'
  return (
    <details class="counts">
      <summary>
        Reference counts of {counted(nodes.length, 'node')}
        {against}
      </summary>
      {timelineList(nodes, cell, library)}
      {missed}
    </details>
  )
}

function treeLink(trees: Story['trees'], cell: ToldCell, library: Library): JSX.Element {
  return library.link('tree', trees, placeOf(cell), 'Device tree before and after', () => (
    <Trees trees={trees} />
  ))
}

function stepsLink(cell: ToldCell, library: Library): JSX.Element {
  const { steps } = cell
  return library.link('steps', steps, placeOf(cell), 'Steps, and what came back', () => (
    <ol class="steps" start={0}>
      {steps.map((played) => (
        <li>
          {stepTitle(played.step)} <code>{stepResult(played)}</code>
        </li>
      ))}
    </ol>
  ))
}

function cellDetails(one: GridCell, title: string, played: Played, library: Library): JSX.Element {
  const { cell, unpatched } = played
  const trees = cell.story?.trees
  return (
    <details class="played">
      <summary>
        <span class={`cell ${one.verdict}`}>
          <b>{typeset(one.mark)}</b>
        </span>
        <span>
          <b>{one.scenario}</b> {wordsOf(one)}
          <small>{title}</small>
        </span>
      </summary>
      {/* An anchor within a closed element opens it; the element's own would not. */}
      <div id={cellAnchor(cell)} tabIndex={-1}>
        {findingList(cell, cell === unpatched, library)}
        {cell.steps.length > 0 && <div>{stepsLink(cell, library)}</div>}
        <ul class="more">
          <li>{consoleLink(played, library)}</li>
          {trees !== undefined && <li>{treeLink(trees, cell, library)}</li>}
        </ul>
        {countsOf(played, library)}
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
  comparison: ToldComparison,
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
        return cellDetails(one, title, { cell: one.cell, unpatched }, library)
      })}
    </section>
  ))
}
