// SPDX-License-Identifier: GPL-2.0-only

/** `npm run mutants`: plants small faults in the models and reports what detects them. */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { messageOf } from '@pfo-workbench/errors'
import { cacheFolder } from '@pfo-workbench/compare'
import { ModelEngine } from '@pfo-workbench/engine-models'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { choose, type Mutation } from './mutations.ts'
import { allMutations, kernelSources, playMutations, type Detection, type MutationResult } from './play.ts'

const usage = `npm run mutants -- [--seed N] [--count N] [--skip N] [--at PATH[:LINE]] [--scenario standard|all] [--jobs N]

Plants faults in the model sources, one at a time: a call taken out, a condition negated, an errno changed, a put doubled.
Plays each against the unpatched kernel until a finding or a change notices it, and says which, or that it was not exercised.

  --seed N      which faults are chosen: the same seed chooses the same of the same sources (1)
  --count N     how many (40)
  --skip N      leave out the first N of the seed, which were played before (0)
  --at PLACE    only faults in this file, or on this line of it: packages/models/of/src/dynamic.ts:101
  --scenario S  standard, or all (standard)
  --jobs N      how many are played at the same time (one per processor)
`

/** Faults are played in groups so that results appear early. */
const group = 10

interface Options {
  readonly seed: number
  readonly count: number
  /** Number of faults of the seed to leave out. */
  readonly skip: number
  /** Plants faults only in this file, or only at this FILE:LINE. Empty: all files. */
  readonly at: string
  readonly scenario: 'standard' | 'all'
  readonly jobs: number
}

function numberOf(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new Error(`--${option} ${text}: a number was expected`)
}

function optionsOf(args: string[]): Options | null {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: '40' },
      skip: { type: 'string', default: '0' },
      at: { type: 'string', default: '' },
      scenario: { type: 'string', default: 'standard' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return null
  const { scenario } = values
  if (scenario !== 'standard' && scenario !== 'all')
    throw new Error(`--scenario ${scenario}: standard or all was expected`)
  return {
    seed: numberOf('seed', values.seed),
    count: numberOf('count', values.count),
    skip: numberOf('skip', values.skip),
    at: values.at,
    scenario,
    jobs: Math.max(1, numberOf('jobs', values.jobs)),
  }
}

function line({ mutation, detection, detail }: MutationResult): string {
  const { path, line, kind, before, after } = mutation
  const said = detail === '' ? '' : ` (${detail})`
  return `${detection}: ${path}:${String(line)}: ${kind}: ${before} -> ${after === '' ? 'nothing' : after}${said}`
}

/** True if a fault is in the given file or on the given line. An empty place matches every fault. */
const isAt = ({ path, line }: Mutation, at: string): boolean =>
  at === '' || at === path || at === `${path}:${String(line)}`

const percent = (part: number, all: number): string =>
  `${all === 0 ? '-' : ((100 * part) / all).toFixed(1)} %`

function summary(verdicts: readonly MutationResult[]): string {
  const count = (...notices: Detection[]): number =>
    verdicts.filter(({ detection }) => notices.includes(detection)).length
  const played = verdicts.length - count('invalid')
  const noticed = count('finding', 'change', 'broken')
  const idle = count('not exercised')
  return [
    `${String(played)} faults played: ${String(count('finding'))} noticed by a finding, ${String(count('change'))} by a change,`,
    `${String(count('broken'))} broke the models, ${String(idle)} not exercised (${percent(idle, played)}), ${String(count('nothing'))} not noticed.`,
    `Noticed of those that were exercised: ${percent(noticed, played - idle)}; told of all: ${percent(noticed + idle, played)}.`,
  ].join('\n')
}

async function main(args: string[]): Promise<number> {
  let options: Options | null
  try {
    options = optionsOf(args)
  } catch (fault) {
    console.error(`${messageOf(fault)}\n\n${usage}`)
    return 2
  }
  if (options === null) {
    console.log(usage)
    return 0
  }
  const { seed, count, skip, at, scenario, jobs } = options
  const sources = await kernelSources()
  const all = allMutations(sources).filter((mutation) => isAt(mutation, at))
  if (all.length === 0) {
    console.error(
      `--at ${at}: no fault can be planted there; wanted: a source of the models, and a line of a function`,
    )
    return 2
  }
  const chosen = choose(all, skip + count, seed).slice(skip)
  console.error(`${String(chosen.length)} of ${String(all.length)} faults, seed ${String(seed)}`)
  await using engine = new ModelEngine()
  const cache = cacheFolder(process.env)
  const verdicts: MutationResult[] = []
  for (let next = 0; next < chosen.length; next += group) {
    const some = await playMutations(chosen.slice(next, next + group), {
      engine,
      sources,
      scenarios: shippedScenarios(scenario),
      jobs,
      cache,
    })
    verdicts.push(...some)
    for (const verdict of some) console.log(line(verdict))
  }
  console.log(`\n${summary(verdicts)}`)
  return 0
}

process.exitCode = await main(process.argv.slice(2))
