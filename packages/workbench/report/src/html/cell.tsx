// SPDX-License-Identifier: GPL-2.0-only
import type { NodeCounts, PatchDiff } from '@pfo-workbench/compare'
import { counted } from '@pfo-workbench/wording'
import type { JSX } from 'preact'
import { addsAny, quotedHunk } from '../mail/hunk.ts'
import type { GridCell } from '../view/grid.ts'
import { chainText } from '../view/chain.ts'
import { stepResult, stepTitle } from '../view/steps.ts'
import type { CellView, FindingView } from '../wording/comparison-view.ts'
import { whyUnmodelled } from '../wording/cut-short.ts'
import { cellAnchor, linkTo } from './anchors.ts'
import { ConsoleDiff } from './console.tsx'
import { findingList } from './evidence.tsx'
import type { FragmentStore } from './fragment-store.tsx'
import { wordsOf } from './marks.ts'
import { Timeline, timelineTitle, type TimelineProps } from './timeline.tsx'
import { stateOf, Trees } from './tree.tsx'

/** A cell and the unpatched cell that it is compared with. */
export interface ComparedCell {
  readonly cell: CellView
  /** The same scenario on the unpatched kernel; the cell itself if it is unpatched. */
  readonly unpatched: CellView
  readonly diffs: readonly PatchDiff[]
  /** Changed statements of the variant that ran in this cell. */
  readonly ran: readonly string[]
}

/** The node and its count points, without the positions of the points in the run. Used to compare runs. */
function shapeOf({ node, points }: NodeCounts): unknown {
  return [node, points.map(({ step, count, by }) => [step, count, by])]
}

/** The counts of a node in a run, and those of the unpatched kernel if they differ. */
interface Timed extends TimelineProps {
  readonly key: unknown
  /** True if the counts equal those of the unpatched kernel, whose cell shows them. */
  readonly isSame: boolean
}

function timed(counts: NodeCounts, { cell, unpatched }: ComparedCell): Timed {
  const run = { counts, steps: cell.steps.length }
  const shape = JSON.stringify(shapeOf(counts))
  const there = unpatched.story?.counts.find(({ node }) => node === counts.node)
  const isSame = there !== undefined && JSON.stringify(shapeOf(there)) === shape
  if (there === undefined || isSame) return { run, unpatched: undefined, key: [run.steps, shape], isSame }
  const other = { counts: there, steps: unpatched.steps.length }
  return { run, unpatched: other, key: [run.steps, shape, other.steps, shapeOf(there)], isSame }
}

function countLink({ run, unpatched, key }: Timed, text: string, library: FragmentStore): JSX.Element {
  return library.link('count', key, text, () => <Timeline run={run} unpatched={unpatched} />)
}

/** Shows the reference counts that differ from the unpatched kernel's. The unpatched cell shows the others. */
function countsOf(played: ComparedCell, library: FragmentStore): JSX.Element | null {
  const { cell, unpatched } = played
  const all = (cell.story?.counts ?? []).map((counts) => timed(counts, played))
  if (all.length === 0) return null
  const nodes = cell === unpatched ? all : all.filter(({ isSame }) => !isSame)
  const there = new Set(all.map(({ run }) => run.counts.node))
  const missing = (unpatched.story?.counts ?? []).filter(({ node }) => !there.has(node)).length
  const missed = missing > 0 && (
    <p>
      {counted(missing, 'node')} of the <a href={linkTo(cellAnchor(unpatched))}>unpatched run</a>{' '}
      {missing === 1 ? 'does' : 'do'} not appear or change here.
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
  const against = cell === unpatched ? '' : ' that differ from the unpatched kernel'
  return (
    <details class="counts">
      <summary>
        Reference counts of {counted(nodes.length, 'node')}
        {against}
      </summary>
      <ul>
        {nodes.map((one) => (
          <li>
            <details>
              <summary>{timelineTitle(one.run.counts)}</summary>
              {countLink(one, 'Picture', library)}
            </details>
          </li>
        ))}
      </ul>
      {missed}
    </details>
  )
}

/** Shows the node that a finding is about; null if the finding is not about a node. */
function lifeOf({ subject }: FindingView, played: ComparedCell, library: FragmentStore): JSX.Element | null {
  const { story } = played.cell
  const names = [subject, subject.split(' ')[0]]
  const node = story?.trees.after.find((one) => names.includes(one.node))
  const counts = story?.counts.find((one) => names.includes(one.node))
  if (node === undefined && counts === undefined) return null
  return (
    <div class="life">
      <h3>What happened to {node?.node ?? counts?.node}</h3>
      {node !== undefined && <p>At the end: {stateOf(node)}.</p>}
      {counts !== undefined && <div>{countLink(timed(counts, played), 'Reference count', library)}</div>}
    </div>
  )
}

/** Number of lines of a hunk that are shown. */
const hunkLines = 120

/** Shows the hunk that probably caused a finding, as `quotedHunk` picks it; null if there is none. */
function hunkOf(
  { evidence }: FindingView,
  { diffs, ran }: ComparedCell,
  library: FragmentStore,
): JSX.Element | null {
  const functions = evidence.flatMap(({ chain }) => chain.map((frame) => frame.function))
  const lines = quotedHunk(diffs, functions, hunkLines, ran).map((line) => line.replace(/^> /, ''))
  if (lines.length === 0) return null
  const title = addsAny(lines, ran) ? 'From the patch: lines that ran here' : 'From the patch'
  return (
    <div>
      {library.link('hunk', [title, lines], 'Hunk', () => (
        <>
          <h3>{title}</h3>
          <pre class="hunk" tabIndex={0}>
            {lines.map((line) =>
              /^[+-]/.test(line) ? (
                line.startsWith('+') ? (
                  <ins>{`${line}\n`}</ins>
                ) : (
                  <del>{`${line}\n`}</del>
                )
              ) : (
                `${line}\n`
              ),
            )}
          </pre>
        </>
      ))}
    </div>
  )
}

function stepsLink({ steps }: CellView, library: FragmentStore): JSX.Element | null {
  if (steps.length === 0) return null
  const draw = (): JSX.Element => (
    <ol class="steps" start={0}>
      {steps.map((played) => (
        <li>
          {stepTitle(played.step)} <code>{stepResult(played)}</code>
        </li>
      ))}
    </ol>
  )
  return library.link('steps', steps, 'Steps and their results', draw)
}

function consoleLink({ cell, unpatched }: ComparedCell, library: FragmentStore): JSX.Element {
  const isSame = JSON.stringify(cell.console) === JSON.stringify(unpatched.console)
  const text = isSame ? 'Console, as on the unpatched kernel' : 'Console, compared with the unpatched kernel'
  return library.link(
    'console',
    isSame ? [cell.console] : [unpatched.console, cell.console],
    cell === unpatched ? 'Console' : text,
    () => <ConsoleDiff before={unpatched.console} after={cell.console} />,
  )
}

/** Says why the run was cut short, and which kernel functions the engine assumes. */
function Limits({ cell }: { readonly cell: CellView }): JSX.Element | null {
  const { unmodelled, assumed, outcome } = cell
  const isUnmodelled = outcome === 'unmodelled'
  if (!isUnmodelled && assumed.length === 0) return null
  return (
    <>
      {isUnmodelled && (
        <p class="limit">
          Cut short: {whyUnmodelled(unmodelled)}
          {unmodelled !== undefined && (
            <>
              ; called by <code>{chainText(unmodelled.chain)}</code>
            </>
          )}
        </p>
      )}
      {assumed.length > 0 && (
        <p class="limit">
          Assumed: {assumed.join(', ')}; these functions return a fixed value and do nothing else
        </p>
      )}
    </>
  )
}

function section(title: string, content: JSX.Element | null): JSX.Element | null {
  return content === null ? null : (
    <details>
      <summary>{title}</summary>
      <div>{content}</div>
    </details>
  )
}

/** Renders the details of a cell: findings, steps, console, device tree and reference counts. */
export function cellStory(
  one: GridCell,
  title: string,
  played: ComparedCell,
  library: FragmentStore,
): JSX.Element {
  const { cell, unpatched } = played
  const trees = cell.story?.trees
  const more = (finding: FindingView): JSX.Element => (
    <>
      {lifeOf(finding, played, library)}
      {hunkOf(finding, played, library)}
    </>
  )
  return (
    <>
      <p>{title}</p>
      <p class="reason">{wordsOf(one)}</p>
      <Limits cell={cell} />
      {findingList(cell, cell === unpatched, library, more)}
      {section('Steps and their results', stepsLink(cell, library))}
      {section('Console', consoleLink(played, library))}
      {section(
        'Device tree before and after',
        trees === undefined
          ? null
          : library.link('tree', trees, 'Device tree', () => <Trees trees={trees} />),
      )}
      {countsOf(played, library)}
    </>
  )
}
