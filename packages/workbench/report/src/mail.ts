// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'
import picocolors from 'picocolors'
import { columns, paragraph } from './mail/lines.ts'
import { reply } from './mail/reply.ts'
import { defaultCommands, type ReportOptions } from './options.ts'
import { printable, printableData, printableLines } from './printable.ts'
import { wrapped } from './text/lines.ts'
import { overviewLines } from './text/overview/overview.ts'
import { leftOutTexts } from './view/left-out.ts'
import { playedOn } from './view/made-with.ts'

/** Joins the commands on one line if they fit, and otherwise puts each on lines of its own. */
function commandLines(commands: readonly string[]): string[] {
  const all = `    ${commands.join(' && ')}`
  return all.length <= columns ? [all] : commands.flatMap(brokenCommand)
}

/** Wraps a long command. Each line but the last ends in a backslash, so that a shell joins them. */
function brokenCommand(command: string): string[] {
  const lines = wrapped('    ', command, columns - 2).split('\n')
  return lines.map((line, index) => (index < lines.length - 1 ? `${line} \\` : line))
}

/** Describes how the findings were made, and how to reproduce them. */
function footer(comparison: Comparison, { commands = defaultCommands, workbench }: ReportOptions): string[] {
  const commit = workbench?.commit === undefined ? '' : ` (${printable(workbench.commit)})`
  const version = workbench === undefined ? '' : ` ${printable(workbench.version)}${commit}`
  return [
    ...leftOutTexts(comparison).flatMap((text) => [...paragraph(text).split('\n'), '']),
    ...paragraph(`${playedOn(comparison)} To reproduce, in a checkout of the PFO Workbench${version}:`).split(
      '\n',
    ),
    '',
    ...commandLines(['npm ci', ...commands.map(printable)]),
  ]
}

/** Makes all texts printable. Diffs keep their line breaks. */
function shownOf(comparison: Comparison): Comparison {
  const shown = printableData(comparison)
  const variants = shown.variants.map((variant, at) => ({
    ...variant,
    diffs: variant.diffs.map((diff, index) => ({
      ...diff,
      text: printableLines(comparison.variants[at]?.diffs[index]?.text ?? ''),
    })),
  }))
  return { ...shown, variants }
}

/**
 * Writes the comparison as a mail to a list: plain text of 72 columns without control characters. The mail about a
 * single variant is a reply to its patch and includes a header. The mail about several variants lists them by verdict.
 *
 * @param comparison - the comparison to show
 * @param options - `commands`, `workbench`
 */
export function toMail(comparison: Comparison, options: ReportOptions = {}): string {
  const shown = shownOf(comparison)
  const own = shown.variants.filter(({ id }) => id !== shown.baseline)
  const [variant] = own
  const end = footer(shown, options)
  const lines =
    own.length === 1 && variant !== undefined
      ? reply(shown, variant, end)
      : [...overviewLines(shown, columns, picocolors.createColors(false), Infinity), '', ...end]
  return `${lines.join('\n')}\n`
}
