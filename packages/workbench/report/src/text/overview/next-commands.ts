// SPDX-License-Identifier: GPL-2.0-only
import { counted } from '@pfo-workbench/wording'
import { defaultCommands, pfoCommand, type ReportOptions } from '../../options.ts'
import type { Recommendation } from '../../recommend/recommend.ts'
import { wrapped } from '../lines.ts'
import { tableText } from '../tables.ts'

/**
 * The single patch that fixes most, among those that should not be merged. The user will ask why this patch should not
 * be merged.
 */
function mostFindingsFixed(all: readonly Recommendation[]): Recommendation | undefined {
  return all
    .filter(({ verdict, variant }) => verdict === 'do-not-merge' && variant.patches.length === 1)
    .toSorted((a, b) => b.variant.fixed - a.variant.fixed)[0]
}

/**
 * Lists suggested commands, each after its purpose. The commands are aligned in columns if all lines fit. Otherwise
 * each command is on the line of its purpose if it fits there, or else on the next lines.
 */
export function commandLines(rows: readonly (readonly [string, string])[], columns: number): string[] {
  const text = tableText([], rows).split('\n')
  return text.every((line) => line.length <= columns)
    ? text
    : rows.flatMap(([what, command]) =>
        what.length + 1 + command.length <= columns
          ? [`${what} ${command}`]
          : [what, ...wrapped('  ', command, columns).split('\n')],
      )
}

/**
 * The `pfo explain` command for a variant. It names the variant as the user did (`patches/wipe.patch`), or by its id.
 */
export function explainCommand(
  id: string,
  { kernelOption, patchArguments }: Pick<ReportOptions, 'kernelOption' | 'patchArguments'>,
): string {
  return [
    pfoCommand,
    'explain',
    ...(kernelOption === undefined ? [] : [kernelOption]),
    patchArguments?.get(id) ?? id,
  ].join(' ')
}

/** Longer commands are not repeated. */
const repeatable = 36

/** Suggests the next commands. */
export function nextLines(
  hidden: number,
  all: readonly Recommendation[],
  columns: number,
  options: ReportOptions,
): string[] {
  const bad = mostFindingsFixed(all)?.variant.id
  const [command = pfoCommand] = options.commands ?? defaultCommands
  const again = command.length > repeatable ? 'the same command with' : command
  return commandLines(
    [
      [
        hidden > 0 ? `${counted(hidden, 'variant')} more, evidence:` : 'Matrix and evidence:',
        `${again} --full`,
      ],
      ...(bad === undefined ? [] : [[`Why is ${bad} bad?`, explainCommand(bad, options)] as const]),
      ['As a page:', `${again} --format html --output report.html`],
    ],
    columns,
  )
}
