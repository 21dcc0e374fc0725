// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'
import { evidence } from './mail/evidence.ts'
import { columns, paragraph, section } from './mail/lines.ts'
import { table } from './mail/table.ts'
import { defaultCommands, type ReportOptions } from './options.ts'
import { printable, printableData } from './printable.ts'
import { interactionLines } from './text/interactions.ts'
import { counted, stackName, wrapped } from './text/lines.ts'
import { gap, tableText, widthOf } from './text/tables.ts'
import { changeLines, changesTitle } from './view/changes.ts'
import { ranked } from './view/comparison.ts'
import { scenarioNumber } from './view/grid.ts'
import { namer } from './view/names.ts'
import { reasonOf } from './view/reasons.ts'
import { tell, type ToldComparison } from './wording/told.ts'

function introduction({ variants, scenarios, kernel, baseline }: ToldComparison): string {
  const tested = variants.filter(({ id }) => id !== baseline).length
  return paragraph(
    `I played ${counted(scenarios.length, 'scenario')} on ${counted(tested, 'patch or stack of patches', 'patches and stacks of patches')} and on the unpatched kernel, and held the outcomes against each other. ` +
      `The kernel is an executable model of Linux ${kernel}: OF core, pseries, VIO bus and the drivers of the platform facilities, with the firmware below them. No POWER server was used.`,
  )
}

function tested({ variants, scenarios, baseline, oracles }: ToldComparison): string {
  const patches = variants
    .filter(({ id }) => id !== baseline)
    .flatMap(({ id, title }) => [wrapped('  ', id, columns), wrapped('      ', title, columns)])
  const played = scenarios.map(({ id, title }, index) =>
    wrapped(`  ${scenarioNumber(index).padEnd(3)} `, `${id}: ${title}`, columns),
  )
  const looked = wrapped('', `Looked for: ${oracles.map(({ id }) => id).join(', ')}.`, columns)
  return section('What was tested', ['Patches:', ...patches, '', 'Scenarios:', ...played, '', looked])
}

/** Width of the names in the ranking. */
const nameColumns = 26

function result(comparison: ToldComparison): string {
  const variants = ranked(comparison)
  const name = namer(comparison)
  const names = variants.map(({ id }) => {
    const own = stackName(id === comparison.baseline ? 'unpatched' : id, nameColumns)
    return name(id) === id ? own : `${name(id)}:\n${own}`
  })
  const free = columns - widthOf(['rank', ...names]) - 'rank'.length - 2 * gap
  const rows = variants.map((variant, index) => [
    variant.status === 'ok' ? String(variant.rank) : '-',
    names[index] ?? '',
    wrapped('', reasonOf(comparison, variant), free),
  ])
  return section('Result, the best first', [tableText(['rank', 'patches', 'why'], rows, ['right'])])
}

function interactions(comparison: ToldComparison): string {
  const lines = interactionLines(comparison, columns)
  return lines.length === 0 ? '' : section('What the patches do to each other', lines)
}

function changes(comparison: ToldComparison): string {
  const lines = changeLines(comparison, namer(comparison)).map((line) => wrapped('  ', line, columns))
  return lines.length === 0 ? '' : section(changesTitle, lines)
}

/** A command that is too long goes on in the next line. */
function commandLines(command: string): string[] {
  const lines = wrapped('    ', command, columns - 2).split('\n')
  return lines.map((line, index) => (index < lines.length - 1 ? `${line} \\` : line))
}

function howToReproduce(commands: readonly string[]): string {
  return section('How to reproduce', [
    paragraph('In a checkout of the PFO Workbench, on any machine with Node 20 and git:'),
    '',
    '    npm ci',
    ...commands.flatMap(commandLines),
    '',
    paragraph('The same patches give the same result on every machine.'),
  ])
}

/**
 * The comparison as a reply to a mailing list: plain text of 72 columns without control characters. Lines of a kernel console
 * are quoted and not broken.
 *
 * @param comparison - what to show
 * @param options - `commands`
 */
export function toMail(comparison: Comparison, options: ReportOptions = {}): string {
  const shown = printableData(tell(comparison))
  const parts = [
    introduction(shown),
    result(shown),
    table(shown),
    interactions(shown),
    changes(shown),
    ...evidence(shown),
    tested(shown),
    howToReproduce((options.commands ?? defaultCommands).map(printable)),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}
