// SPDX-License-Identifier: GPL-2.0-only
import {
  findMinimal,
  loadPatch,
  type FoundStack,
  type MinimalStacks,
  type PatchReader,
} from '@pfo-workbench/compare'
import { oracles } from '@pfo-workbench/oracle'
import { printableLines } from '@pfo-workbench/report'
import { suggestion } from '@pfo-workbench/input'
import { join } from 'node:path'
import { withEngine } from './engine.ts'
import { UsageError } from './errors.ts'
import { checkWritable, putReport } from './output.ts'
import { watched } from './progress.ts'
import { chooseScenarios } from './scenarios.ts'
import { patchFolder, shippedPatchIds } from './shipped.ts'
import { filled } from './text.ts'
import { checkShipped, checkSwallowed, isPatchFile } from './variants.ts'

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
    checkSwallowed('--allow', id)
    const hint = suggestion(id, known)
    throw new UsageError(`there is no oracle "${id}".${hint} There are ${known.join(', ')}`)
  }
}

/** Shipped patches by id, and patch files; all shipped ones without any. */
function choosePatches(words: readonly string[], reader: PatchReader): ReturnType<typeof loadPatch>[] {
  return (words.length === 0 ? shippedPatchIds() : words).map((word) => {
    if (isPatchFile(word)) return loadPatch(word, reader)
    checkShipped(word, 'ids of shipped patches ("pfo list patches" names them), or patch files')
    return loadPatch(join(patchFolder, `${word}.patch`), reader)
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
  return `${JSON.stringify({ schemaVersion: 1, ...result }, null, 2)}\n`
}

/** `pfo minimal`. Returns the exit code: 1 if there is no stack that leaves no finding. */
export async function minimalCommand(args: MinimalArguments): Promise<number> {
  const scenarios = chooseScenarios(args.scenario)
  const allowed = args.allow ?? []
  checkOracles(allowed)
  const result = await withEngine(async (engine) => {
    const patches = choosePatches(args.patches, engine)
    if (args.output !== undefined) await checkWritable(args.output)
    const jobs = args.jobs === undefined ? {} : { jobs: args.jobs }
    return watched({ cache: args.cache, counted: 'stacks' }, async (watch) =>
      findMinimal({ engine, patches, scenarios, allowed, ...jobs, ...watch }),
    )
  })
  await putReport(args.format === 'json' ? minimalJson(result) : minimalText(result), args.output)
  return result.minimal.length > 0 ? 0 : 1
}
