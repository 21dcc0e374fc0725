// SPDX-License-Identifier: GPL-2.0-only
import { compare, type Comparison, type Stack, type VariantSummary } from '@pfo-workbench/compare'
import { modelPackages, readModelSources, type ModelEngine } from '@pfo-workbench/engine-models'
import type { Scenario } from '@pfo-workbench/run'
import { createTwoFilesPatch } from 'diff'
import { mutationsOf, plant, type Mutation } from './mutations.ts'

/** Outcome for a planted fault: the means of its detection, or the reason why it was not detected. */
export type Detection = 'finding' | 'change' | 'broken' | 'not exercised' | 'nothing' | 'invalid'

/** A planted fault, and how it was detected. */
export interface MutationResult {
  readonly mutation: Mutation
  readonly detection: Detection
  /** The finding or change that detected the fault, or the reason why there is none. */
  readonly detail: string
}

/** Faults are planted in kernel sources only, not in firmware or in code that records or inspects runs. */
const isKernel = (path: string): boolean =>
  !/\/powervm\/|\/kernel\/src\/machine\/|\/(?:index|inspect)\.ts$/.test(path)

/** Kernel sources of the models by path. */
export async function kernelSources(): Promise<Map<string, string>> {
  const { files } = await readModelSources(modelPackages())
  return new Map([...files].filter(([path]) => isKernel(path)))
}

/** All faults that can be planted. */
export const allMutations = (sources: ReadonlyMap<string, string>): Mutation[] =>
  [...sources].flatMap(([path, source]) => mutationsOf(path, source))

function stackOf(engine: ModelEngine, id: string, source: string, mutation: Mutation): Stack {
  const { path } = mutation
  const diff = createTwoFilesPatch(`a/${path}`, `b/${path}`, source, plant(source, mutation), '', '')
  const series = engine.readPatch(diff.slice(diff.indexOf('---')), `${id}.patch`)
  return { id, title: `${mutation.kind}: ${mutation.before}`, patches: [{ id, series }] }
}

function judge(comparison: Comparison, variant: VariantSummary): Omit<MutationResult, 'mutation'> {
  const { status, reason = '', exercised } = variant
  const [first = ''] = reason.split('\n')
  if (status === 'invalid' || status === 'conflict') return { detection: 'invalid', detail: reason }
  if (status !== 'ok') return { detection: 'broken', detail: first }
  const own = comparison.cells.filter((cell) => cell.variant === variant.id)
  const findings = own.flatMap((cell) => cell.findings).filter((finding) => finding.status !== 'kept')
  const [finding] = findings
  if (finding !== undefined)
    return { detection: 'finding', detail: `${finding.oracle} ${finding.status}: ${finding.subject}` }
  const ended = own.find(
    ({ scenario, outcome }) =>
      outcome !==
      comparison.cells.find((one) => one.variant === comparison.baseline && one.scenario === scenario)
        ?.outcome,
  )
  if (ended !== undefined)
    return { detection: 'finding', detail: `${ended.scenario} ends in ${ended.outcome}` }
  const change = own.flatMap((cell) => cell.changes)[0]
  if (change !== undefined) return { detection: 'change', detail: `${change.kind}: ${change.subject}` }
  return exercised ? { detection: 'nothing', detail: '' } : { detection: 'not exercised', detail: '' }
}

/** Options for playing planted faults. */
export interface PlayOptions {
  readonly engine: ModelEngine
  readonly sources: ReadonlyMap<string, string>
  readonly scenarios: readonly Scenario[]
  readonly jobs: number
  /** Cache folder for results of the unpatched kernel and of earlier runs. */
  readonly cache: string
}

/** Plays faults in the given scenarios and reports how each was detected there. */
async function playIn(
  scenarios: readonly Scenario[],
  mutations: readonly Mutation[],
  { engine, sources, jobs, cache }: PlayOptions,
): Promise<MutationResult[]> {
  const stacks = mutations.map((mutation, index) =>
    stackOf(engine, `fault-${String(index + 1)}`, sources.get(mutation.path) ?? '', mutation),
  )
  const comparison = await compare({
    engine,
    stacks,
    scenarios,
    jobs,
    cache: { folder: cache, warn: () => undefined },
    interactions: false,
    depth: 'bundled',
  })
  return mutations.map((mutation, index) => {
    const variant = comparison.variants.find(({ id }) => id === stacks[index]?.id)
    if (variant === undefined)
      throw new Error(`there is no variant of ${mutation.path}:${String(mutation.line)}`)
    return { mutation, ...judge(comparison, variant) }
  })
}

/**
 * Number of rounds in which the scenarios are played. A fault that a scenario of one round notices is not played in
 * later rounds. Each round has scenarios of all kinds.
 */
const rounds = 8

const isOpen = ({ detection }: MutationResult): boolean =>
  detection === 'nothing' || detection === 'not exercised'

/** Combines two rounds of one fault. The fault counts as exercised if it was exercised in either round. */
function afterRound(before: MutationResult | undefined, now: MutationResult): MutationResult {
  return before?.detection === 'nothing' && now.detection === 'not exercised' ? before : now
}

/** Plays faults against the unpatched kernel until a scenario notices them, and reports what noticed each. */
export async function playMutations(
  mutations: readonly Mutation[],
  options: PlayOptions,
): Promise<MutationResult[]> {
  const verdicts = new Map<Mutation, MutationResult>()
  for (let round = 0; round < rounds; round++) {
    const some = options.scenarios.filter((_, index) => index % rounds === round)
    const open = mutations.filter((mutation) => {
      const known = verdicts.get(mutation)
      return known === undefined || isOpen(known)
    })
    if (open.length === 0 || some.length === 0) break
    for (const verdict of await playIn(some, open, options))
      verdicts.set(verdict.mutation, afterRound(verdicts.get(verdict.mutation), verdict))
  }
  return mutations.flatMap((mutation) => verdicts.get(mutation) ?? [])
}
