// SPDX-License-Identifier: GPL-2.0-only
import { findingKey, type Finding } from '@pfo-workbench/oracle'
import type { Scenario } from '@pfo-workbench/scenario'
import pMap from 'p-map'
import type { Interaction } from './comparison.ts'
import type { ExaminedRun } from './examined.ts'
import { differsFrom, firstDifference, Part, type Play } from './parts.ts'
import type { PlayedVariant } from './player.ts'
import { sharedFiles, stackOfPatches, stackKey, type Stack } from './stacks.ts'

/** What plays the stacks that have to be looked at beside the variants. */
export interface Laboratory {
  /** How many stacks to ask for at the same time. */
  readonly jobs: number
  /** Plays scenarios without checking types. */
  readonly play: Play
  /** Whether a stack applies and compiles, and to which sources. */
  build(
    stack: Stack,
    depth: 'applied' | 'checked',
  ): Promise<{ readonly status: PlayedVariant['status']; readonly hash: string }>
}

type Run = ExaminedRun | null | undefined

const has = (run: Run, key: string): boolean => run?.findings.some((one) => findingKey(one) === key) ?? false

/** Whether a run says that a finding is not there: it got past the step in which that would have arisen. */
const lacks = (run: Run, { oracle, subject, step }: Finding): boolean =>
  run != null &&
  !has(run, findingKey({ oracle, subject })) &&
  (run.brokenOffIn === null || run.brokenOffIn > step)

/** `a`, `a and b`, `a, b and c`. */
function enumerated(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}

/** `in lpm-once-hierarchy and 3 more scenarios`. */
function places(scenarios: readonly string[]): string {
  const [first = '', ...more] = scenarios
  if (more.length === 0) return `in ${first}`
  return `in ${first} and ${String(more.length)} more scenario${more.length === 1 ? '' : 's'}`
}

/** A variant with what its patches do one by one, and what it does without each. */
interface TakenApart {
  readonly variant: Part
  readonly baseline: Part
  /** Each patch by itself. */
  readonly parts: readonly Part[]
  /** The stack without each patch; same order. */
  readonly without: readonly Part[]
  readonly scenarios: readonly Scenario[]
}

/** A finding in one scenario. */
interface Place {
  readonly scenario: Scenario
  readonly finding: Finding
}

/** Plays what has to be looked at to tell about these findings. */
async function playAt(parts: readonly Part[], places: readonly Place[]): Promise<void> {
  const scenarios = [...new Set(places.map(({ scenario }) => scenario))]
  await Promise.all(parts.map((part) => part.playIn(scenarios)))
}

/** Findings of the stack that neither the unpatched kernel nor any of the patches by itself has. */
async function combinations({
  variant,
  baseline,
  parts,
  without,
  scenarios,
}: TakenApart): Promise<Interaction[]> {
  const own = scenarios.flatMap((scenario): Place[] =>
    (variant.runIn(scenario.id)?.findings ?? [])
      .filter((finding) => lacks(baseline.runIn(scenario.id), finding))
      .map((finding) => ({ scenario, finding })),
  )
  await playAt(parts, own)
  const combined = own.filter(({ scenario, finding }) => {
    // What cannot be played by itself says nothing.
    const alone = parts.map((part) => part.runIn(scenario.id)).filter((run) => run !== null)
    return alone.every((run) => lacks(run, finding))
  })
  await playAt(without, combined)
  const found = new Map<string, { patches: Set<string>; scenarios: string[] }>()
  for (const { scenario, finding } of combined) {
    const needed = variant.ids.filter((_id, index) =>
      lacks(without[index]?.runIn(scenario.id) ?? null, finding),
    )
    const key = findingKey(finding)
    const known = found.get(key) ?? { patches: new Set<string>(), scenarios: [] }
    found.set(key, known)
    known.scenarios.push(scenario.id)
    for (const id of needed.length > 1 ? needed : variant.ids) known.patches.add(id)
  }
  return [...found].map(([finding, { patches, scenarios }]) => {
    const ids = variant.ids.filter((id) => patches.has(id))
    return {
      variant: variant.stack.id,
      kind: 'combination',
      patches: ids,
      finding,
      scenario: scenarios[0] ?? '',
      message: `${finding} arises ${places(scenarios)} only with ${enumerated(ids)} together; none of them has it alone`,
    }
  })
}

/** Patches without which the stack does the same. */
async function redundancies(apart: TakenApart, laboratory: Laboratory): Promise<Interaction[]> {
  const { variant, baseline, parts, without, scenarios } = apart
  const found: Interaction[] = []
  /** Where other patches were missed, the last one first. */
  const missed: Scenario[] = []
  for (const [index, id] of variant.ids.entries()) {
    const [alone, rest] = [parts[index], without[index]]
    if (alone === undefined || rest === undefined) continue
    // A scenario in which one patch is missed needs much of the stack. Else a patch is likely to be where it does something by itself.
    const order = new Set([...missed, ...scenarios.filter(differsFrom(alone, baseline)), ...scenarios])
    const difference = await firstDifference(rest, variant, [...order])
    if (difference !== null) {
      missed.unshift(difference)
      continue
    }
    // It was played without being checked: perhaps the others do not compile without this patch.
    if ((await laboratory.build(rest.stack, 'checked')).status !== 'ok') continue
    const why =
      (await firstDifference(alone, baseline, scenarios)) === null
        ? 'it changes no finding by itself either'
        : `${enumerated(rest.ids)} already ${rest.ids.length === 1 ? 'does' : 'do'} what it does`
    found.push({
      variant: variant.stack.id,
      kind: 'redundant',
      patches: [id],
      message: `without ${id} the stack has the same findings: ${why}`,
    })
  }
  return found
}

/** What is different with one patch before another that it stands behind. */
async function orders(
  { variant, scenarios }: TakenApart,
  hash: string,
  laboratory: Laboratory,
): Promise<Interaction[]> {
  const { patches } = variant.stack
  const found: Interaction[] = []
  for (const [at, first] of patches.entries()) {
    for (const second of patches.slice(at + 1)) {
      // Patches of different files cannot get in each other's way.
      if (!sharedFiles(first, second)) continue
      const moved = stackOfPatches(
        patches.flatMap((patch) => (patch === first ? [second, first] : patch === second ? [] : [patch])),
      )
      const built = await laboratory.build(moved, 'applied')
      const report = (message: string): void => {
        found.push({ variant: variant.stack.id, kind: 'order', patches: [first.id, second.id], message })
      }
      if (built.status !== 'ok') report(`${second.id} does not apply before ${first.id}: ${built.status}`)
      else if (built.hash !== hash) {
        const other = new Part(moved, laboratory.play)
        if ((await firstDifference(other, variant, scenarios)) === null) continue
        if (other.status !== 'ok') report(`with ${second.id} before ${first.id} the stack is ${other.status}`)
        else report(`with ${second.id} before ${first.id} the stack has other findings`)
      }
    }
  }
  return found
}

/** Whether a scenario begins like another, on the same machine, and goes on. */
function continues(longer: Scenario, { machine, steps }: Scenario): boolean {
  return (
    longer.steps.length > steps.length &&
    JSON.stringify([longer.machine, longer.steps.slice(0, steps.length)]) === JSON.stringify([machine, steps])
  )
}

/** The scenarios that go on from each, by its id. */
function continuationsOf(scenarios: readonly Scenario[]): ReadonlyMap<string, readonly Scenario[]> {
  return new Map(scenarios.map((one) => [one.id, scenarios.filter((longer) => continues(longer, one))]))
}

/** The finding of a run that masks another. */
function maskOf(run: Run, key: string): Finding | undefined {
  return run?.findings.find((one) => one.masks?.includes(key))
}

/** Findings of the unpatched kernel that the variant only seems to fix: back when the scenario goes on, or masked. */
function hidden(
  variant: PlayedVariant,
  baseline: PlayedVariant,
  continuations: ReadonlyMap<string, readonly Scenario[]>,
): Interaction[] {
  const found = new Map<string, Interaction>()
  for (const [scenario, longer] of continuations) {
    const run = variant.runs.get(scenario)
    for (const finding of baseline.runs.get(scenario)?.findings ?? []) {
      const key = findingKey(finding)
      if (found.has(key) || !lacks(run, finding)) continue
      const shared = {
        variant: variant.stack.id,
        kind: 'hides',
        patches: variant.stack.patches.map(({ id }) => id),
        finding: key,
      } as const
      const mask = maskOf(run, key)
      const later = longer.find(({ id }) => has(variant.runs.get(id), key))
      if (mask !== undefined) {
        const message = `${key} only does not show in ${scenario} because of ${findingKey(mask)}`
        found.set(key, { ...shared, scenario, message })
      } else if (later !== undefined) {
        const message = `${key} is gone in ${scenario} and back in ${later.id}, which goes on from there`
        found.set(key, { ...shared, scenario: later.id, message })
      }
    }
  }
  return [...found.values()]
}

/** Of what a stack hides, what none of its parts hides by itself; that is said of the part. */
function notHiddenBy(parts: readonly (readonly Interaction[])[], own: readonly Interaction[]): Interaction[] {
  const known = new Set(parts.flat().map(({ finding }) => finding))
  return own.filter(({ finding }) => !known.has(finding))
}

const partsOf = ({ patches }: Stack): Stack[] => patches.map((patch) => stackOfPatches([patch]))

const withoutEach = ({ patches }: Stack): Stack[] =>
  patches.map((patch) => stackOfPatches(patches.filter((other) => other !== patch)))

/** Finds the parts of stacks; those that are variants themselves were played. */
function partsAmong(
  variants: readonly PlayedVariant[],
  scenarios: readonly Scenario[],
  { play }: Laboratory,
): (stack: Stack) => Part {
  const known = new Map(
    variants.map((variant) => [stackKey(variant.stack), Part.known(variant, scenarios, play)]),
  )
  return (stack) => {
    const key = stackKey(stack)
    const part = known.get(key) ?? new Part(stack, play)
    known.set(key, part)
    return part
  }
}

/**
 * Finds what the patches of each variant do to each other and to findings.
 *
 * @param variants - the unpatched kernel first, each played in all scenarios
 * @param laboratory - builds and plays what has to be looked at beside them
 * @returns in the order of variants
 */
export async function findInteractions(
  variants: readonly PlayedVariant[],
  scenarios: readonly Scenario[],
  laboratory: Laboratory,
): Promise<Interaction[]> {
  const [baseline, ...others] = variants
  if (baseline === undefined) return []
  const continuations = continuationsOf(scenarios)
  const find = partsAmong(variants, scenarios, laboratory)
  const hiddenBy = (variant: PlayedVariant): Interaction[] => hidden(variant, baseline, continuations)
  const found = await pMap(
    others.filter(({ status }) => status === 'ok'),
    async (variant) => {
      const { stack } = variant
      if (stack.patches.length < 2) return hiddenBy(variant)
      const parts = partsOf(stack)
      const apart: TakenApart = {
        variant: find(stack),
        baseline: find(baseline.stack),
        parts: parts.map(find),
        without: withoutEach(stack).map(find),
        scenarios,
      }
      const keys = new Set(parts.map(stackKey))
      const named = others.filter((other) => keys.has(stackKey(other.stack)))
      return [
        ...(await combinations(apart)),
        ...(await redundancies(apart, laboratory)),
        ...notHiddenBy(named.map(hiddenBy), hiddenBy(variant)),
        ...(await orders(apart, variant.hash, laboratory)),
      ]
    },
    { concurrency: laboratory.jobs },
  )
  return found.flat()
}
