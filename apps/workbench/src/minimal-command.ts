// SPDX-License-Identifier: GPL-2.0-only
import { findMinimal, loadPatch, type FoundStack, type MinimalStacks } from '@pfo-workbench/compare'
import { oracles } from '@pfo-workbench/oracle'
import { printableLines } from '@pfo-workbench/report'
import { suggestion } from '@pfo-workbench/scenario'
import { join } from 'node:path'
import { cacheOptions } from './cache-command.ts'
import { UsageError } from './errors.ts'
import { checkWritable, print, writeWhole } from './output.ts'
import { Progress } from './progress.ts'
import { chooseScenarios } from './scenarios.ts'
import { patchFolder, shippedPatchIds } from './shipped.ts'
import { filled } from './text.ts'

export interface MinimalArguments {
  readonly patches: readonly string[]
  readonly allow?: readonly string[]
  readonly scenario?: readonly string[]
  readonly format: 'text' | 'json'
  readonly output?: string
  readonly jobs?: number
  readonly cache: boolean
}

function checkOracles(ids: readonly string[]): void {
  const known = oracles.map(({ id }) => id)
  for (const id of ids) {
    if (known.includes(id)) continue
    const hint = suggestion(id, known)
    throw new UsageError(`there is no oracle "${id}".${hint} There are ${known.join(', ')}`)
  }
}

/** Shipped patches by id, and patch files; all shipped ones without any. */
function choosePatches(words: readonly string[]): ReturnType<typeof loadPatch>[] {
  const known = shippedPatchIds()
  const shipped = (id: string): ReturnType<typeof loadPatch> => loadPatch(join(patchFolder, `${id}.patch`))
  if (words.length === 0) return known.map(shipped)
  return words.map((word) => {
    if (word.endsWith('.patch') || word.includes('/')) return loadPatch(word)
    if (known.includes(word)) return shipped(word)
    throw new UsageError(
      `there is no patch "${word}".${suggestion(word, known)} Accepted: ids of shipped patches ("pfo list patches" names them), or patch files`,
    )
  })
}

const count = (number: number, one: string, many = `${one}s`): string =>
  `${String(number)} ${number === 1 ? one : many}`

/** How many of what is left are named. */
const shownLeft = 12

function stackLines({ patches, left }: FoundStack): string {
  const title = patches.length === 0 ? 'no patch at all' : patches.join(' + ')
  const shown = left.slice(0, shownLeft).map(({ oracle, subject, scenarios }) => {
    const more = scenarios.length > 1 ? ` and ${String(scenarios.length - 1)} more` : ''
    return filled(`${oracle}:${subject} in ${scenarios[0] ?? ''}${more}`, '      - ')
  })
  const rest = left.length > shownLeft ? [`      and ${String(left.length - shownLeft)} more`] : []
  return [filled(title, `  ${count(patches.length, 'patch', 'patches')}: `), ...shown, ...rest].join('\n')
}

/** The result for a terminal. */
export function minimalText(result: MinimalStacks): string {
  const { patches, scenarios, allowed, evaluations, conflicts, minimal, closest } = result
  const asked = `${count(patches.length, 'patch', 'patches')}, ${count(scenarios.length, 'scenario')}`
  const parts = [
    filled(
      `${asked}: ${count(evaluations, 'stack')} evaluated${allowed.length === 0 ? '' : `; allowed: ${allowed.join(', ')}`}`,
    ),
  ]
  if (conflicts.length > 0)
    parts.push(filled(`Cannot be in one stack: ${conflicts.map((pair) => pair.join(' and ')).join('; ')}`))
  if (minimal.length > 0)
    parts.push(
      [
        filled('Leave no finding, and do not without any one of their patches:'),
        ...minimal.map(stackLines),
      ].join('\n'),
    )
  else
    parts.push(
      [
        filled('No stack that was tried leaves no finding. These leave least:'),
        ...closest.map(stackLines),
      ].join('\n'),
    )
  return `${printableLines(parts.join('\n\n'))}\n`
}

/** The result as one JSON document. */
function minimalJson(result: MinimalStacks): string {
  return `${JSON.stringify({ schemaVersion: 1, kernel: 'v4.18', ...result }, null, 2)}\n`
}

/** `pfo minimal`. Returns the exit code: 1 if there is no stack that leaves no finding. */
export async function minimalCommand(args: MinimalArguments): Promise<number> {
  const scenarios = chooseScenarios(args.scenario)
  checkOracles(args.allow ?? [])
  const patches = choosePatches(args.patches)
  if (args.output !== undefined) await checkWritable(args.output)
  const progress = new Progress(process.stderr, process.env, 'stacks')
  try {
    const result = await findMinimal({
      patches,
      scenarios,
      allowed: args.allow ?? [],
      cache: cacheOptions(args.cache, (message) => {
        progress.say(message)
      }),
      onProgress: (state) => {
        progress.show(state)
      },
      ...(args.jobs === undefined ? {} : { jobs: args.jobs }),
    })
    progress.clear()
    const report = args.format === 'json' ? minimalJson(result) : minimalText(result)
    if (args.output === undefined) await print(report)
    else writeWhole(args.output, report)
    return result.minimal.length > 0 ? 0 : 1
  } finally {
    progress.clear()
  }
}
