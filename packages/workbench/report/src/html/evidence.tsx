// SPDX-License-Identifier: GPL-2.0-only
import type { FindingStatus } from '@pfo-workbench/compare'
import { counted } from '@pfo-workbench/wording'
import type { JSX } from 'preact'
import { sign } from '../text/status.ts'
import { changeText } from '../view/changes.ts'
import { chainText } from '../view/chain.ts'
import { countsText } from '../view/comparison.ts'
import { Deadlock } from './deadlock.tsx'
import type { FragmentStore } from './fragment-store.tsx'
import { typeset } from './marks.ts'
import type { CellView, FindingView } from '../wording/comparison-view.ts'

function Evidence({ finding }: { readonly finding: FindingView }): JSX.Element {
  return (
    <>
      {finding.evidence.map(({ text, chain }) => (
        <p class="proof">
          {text}
          <code>{chainText(chain)}</code>
        </p>
      ))}
    </>
  )
}

/** Identifies the evidence by its visible content. The key does not contain the positions of events. */
function evidenceKey({ oracle, subject, message, evidence }: FindingView): unknown {
  return [oracle, subject, message, evidence.map(({ text, chain }) => [text, chain])]
}

/** Draws the deadlock of a finding; null if the finding is not a deadlock. */
function deadlockOf({ subject, deadlock }: FindingView): JSX.Element | null {
  if (deadlock === undefined) return null
  return <Deadlock waiter={deadlock.task} lock={subject} holder={deadlock.holder} />
}

/** Draws the parts that only introduced findings have: the life of the object, and the hunk. */
export type DrawDetails = (finding: FindingView) => JSX.Element | null

function findingEntry(finding: FindingView, library: FragmentStore, more: DrawDetails): JSX.Element {
  const { oracle, subject, status, step, message, before, hidden, evidence } = finding
  return (
    <details class={status} open={status === 'introduced'} data-finding={`${oracle}:${subject}`}>
      <summary>
        <b title={status}>{typeset(sign[status])}</b> <i>{oracle}</i> {subject}
      </summary>
      <p>
        In step {step}: {message}
      </p>
      {before !== undefined && <p>Unpatched: {before}</p>}
      {hidden !== undefined && <p>Here: {hidden}</p>}
      {deadlockOf(finding)}
      {evidence.length > 0 && (
        <div>
          {library.link('evidence', evidenceKey(finding), 'Evidence', () => (
            <Evidence finding={finding} />
          ))}
        </div>
      )}
      {more(finding)}
    </details>
  )
}

const noMore: DrawDetails = () => null

/** Shows findings as one line, `fixes 5: leak 3, oops 2`, with a link to the list. Many cells share such a list. */
function group(
  cell: CellView,
  status: FindingStatus,
  verb: string,
  library: FragmentStore,
): JSX.Element | null {
  const own = cell.findings.filter((finding) => finding.status === status)
  if (own.length === 0) return null
  const sum = `${verb} ${String(own.length)}: ${countsText(own.map(({ oracle }) => oracle))}`
  const key = own.map((finding) => [
    status,
    finding.step,
    finding.before,
    finding.hidden,
    evidenceKey(finding),
  ])
  return (
    <details class={status}>
      <summary>
        <b title={status}>{typeset(sign[status])}</b> {sum}
      </summary>
      {library.link('findings', key, 'One by one', () => (
        <div class="findings">{own.map((finding) => findingEntry(finding, library, noMore))}</div>
      ))}
    </details>
  )
}

/** Lists the changes: differences that no oracle reports. */
function changeList({ changes }: CellView): JSX.Element | null {
  if (changes.length === 0) return null
  return (
    <details class="changes">
      <summary>{counted(changes.length, 'change')}</summary>
      <ul>
        {changes.map((change) => (
          <li>
            In step {change.step}: {changeText(change)}
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Lists the findings of a cell. Introduced findings come with evidence, the others are counted by oracle. */
export function findingList(
  cell: CellView,
  isUnpatched: boolean,
  library: FragmentStore,
  more: DrawDetails,
): JSX.Element {
  if (cell.findings.length + cell.changes.length === 0) return <p>Nothing was found.</p>
  const introduced = cell.findings.filter(({ status }) => status === 'introduced')
  return (
    <div class="findings">
      {introduced.map((finding) => findingEntry(finding, library, more))}
      {group(cell, 'revealed', 'reveals', library)}
      {group(cell, 'fixed', 'fixes', library)}
      {group(cell, 'not-reached', 'does not reach', library)}
      {group(cell, 'kept', isUnpatched ? 'has' : 'leaves', library)}
      {changeList(cell)}
    </div>
  )
}
