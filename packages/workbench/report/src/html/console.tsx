// SPDX-License-Identifier: GPL-2.0-only
import { counted } from '@pfo-workbench/wording'
import type { JSX } from 'preact'
import { consoleDiff, type ConsoleSpan } from '../view/console.ts'

const signs = { same: '  ', added: '+ ', removed: '− ' } as const

function textOf({ status, lines }: ConsoleSpan, first = 0, last = lines.length): string {
  return lines
    .slice(first, last)
    .map((line) => `${signs[status]}${line}\n`)
    .join('')
}

/** Number of lines shown before and after an omission. */
const context = 3

/** Leaves out the middle of a span of lines, if the middle has more than one line. */
function shortened(run: ConsoleSpan, above: number, below: number, where: string): JSX.Element {
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

/**
 * Shows lines that only the variant prints in full, and shortens the others. The unpatched kernel's cell shows all of
 * its lines.
 */
function linesOf(run: ConsoleSpan, isFirst: boolean, isLast: boolean): JSX.Element {
  if (run.status === 'added') return <ins>{textOf(run)}</ins>
  if (run.status === 'removed') return <del>{shortened(run, context, 0, 'of the unpatched kernel')}</del>
  return shortened(run, isFirst ? 0 : context, isLast ? 0 : context, 'as on the unpatched kernel')
}

interface ConsoleDiffProps {
  readonly before: readonly string[]
  readonly after: readonly string[]
}

/** Shows the differences between a console and the unpatched kernel's. Equal consoles are shown in full. */
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
