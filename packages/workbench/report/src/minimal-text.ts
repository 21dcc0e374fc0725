// SPDX-License-Identifier: GPL-2.0-only
import type { FoundStack, MinimalStacks } from '@pfo-workbench/compare'
import { counted } from '@pfo-workbench/wording'
import { printableLines } from './printable.ts'
import { wrapped } from './text/lines.ts'
import { leftOutTexts } from './view/left-out.ts'
import { findingName } from './wording/comparison-view.ts'

/** Number of remaining findings that are named; the others are counted. */
const shownLeft = 12

function stackLines({ patches, left }: FoundStack): string {
  const title = patches.length === 0 ? 'no patches' : patches.join(' + ')
  const shown = left.slice(0, shownLeft).map(({ oracle, subject, scenarios }) => {
    const more = scenarios.length > 1 ? ` and ${String(scenarios.length - 1)} more` : ''
    return wrapped('      - ', `${findingName({ oracle, subject })} in ${scenarios[0] ?? ''}${more}`)
  })
  const rest = left.length > shownLeft ? [`      and ${String(left.length - shownLeft)} more`] : []
  return [wrapped(`  ${counted(patches.length, 'patch', 'patches')}: `, title), ...shown, ...rest].join('\n')
}

/**
 * Formats the result of the search for minimal stacks, for a terminal. If every stack leaves findings, lists the
 * closest stacks.
 */
export function toMinimalText(result: MinimalStacks): string {
  const { patches, scenarios, allowed, evaluations, conflicts, minimal, closest } = result
  const asked = `${counted(patches.length, 'patch', 'patches')}, ${counted(scenarios.length, 'scenario')}`
  const parts = [
    wrapped(
      '',
      `${asked}: ${counted(evaluations, 'stack')} evaluated${allowed.length === 0 ? '' : `; allowed: ${allowed.join(', ')}`}`,
    ),
  ]
  parts.push(...leftOutTexts(result).map((text) => wrapped('', text)))
  if (conflicts.length > 0)
    parts.push(
      wrapped('', `Cannot be in one stack: ${conflicts.map((pair) => pair.join(' and ')).join('; ')}`),
    )
  if (minimal.length > 0)
    parts.push([wrapped('', 'Minimal stacks without findings:'), ...minimal.map(stackLines)].join('\n'))
  else
    parts.push(
      [
        wrapped('', 'Every stack that was tried leaves findings. The closest:'),
        ...closest.map(stackLines),
      ].join('\n'),
    )
  return `${printableLines(parts.join('\n\n'))}\n`
}

/** Formats the result of the search as one JSON document. Its `schemaVersion` is independent of that of comparisons. */
export function toMinimalJson(result: MinimalStacks): string {
  return `${JSON.stringify({ schemaVersion: 1, ...result }, null, 2)}\n`
}
