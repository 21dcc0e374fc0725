// SPDX-License-Identifier: GPL-2.0-only
import type { JSX } from 'preact'
import { counted } from '../text/lines.ts'
import { consoleDiff, type ConsoleRun } from '../view/console.ts'

const signs = { same: '  ', added: '+ ', removed: '− ' } as const

function textOf({ status, lines }: ConsoleRun, first = 0, last = lines.length): string {
  return lines
    .slice(first, last)
    .map((line) => `${signs[status]}${line}\n`)
    .join('')
}

/** How many lines are shown on either side of what is left out. */
const context = 3

/** A run without its middle, if that is more than the line which says so. */
function shortened(run: ConsoleRun, above: number, below: number, where: string): JSX.Element {
  const end = run.lines.length - below
  if (end - above <= 1) return <>{textOf(run)}</>
  return (
    <>
      {textOf(run, 0, above)}
      <i>{`${signs[run.status]}… ${counted(end - above, 'line')} ${where}\n`}</i>
      {textOf(run, end)}
    </>
  )
}

/** Only what the variant itself prints is shown whole: the rest stands with the unpatched kernel. */
function linesOf(run: ConsoleRun, isFirst: boolean, isLast: boolean): JSX.Element {
  if (run.status === 'added') return <ins>{textOf(run)}</ins>
  if (run.status === 'removed') return <del>{shortened(run, context, 0, 'of the unpatched kernel')}</del>
  return shortened(run, isFirst ? 0 : context, isLast ? 0 : context, 'as on the unpatched kernel')
}

interface ConsoleDiffProps {
  readonly before: readonly string[]
  readonly after: readonly string[]
}

/** A console against the unpatched kernel's: what it prints more and what it prints no more. One that is the same is shown whole. */
export function ConsoleDiff({ before, after }: ConsoleDiffProps): JSX.Element {
  const runs = consoleDiff(before, after)
  const [only] = runs
  if (only === undefined) return <p>Nothing was printed.</p>
  const isSame = runs.length === 1 && only.status === 'same'
  return (
    <pre class="console">
      {isSame ? textOf(only) : runs.map((run, index) => linesOf(run, index === 0, index === runs.length - 1))}
    </pre>
  )
}
