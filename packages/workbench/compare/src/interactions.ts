// SPDX-License-Identifier: GPL-2.0-only
import { findingKey, type Finding } from '@pfo-workbench/oracle'
import type { Scenario } from '@pfo-workbench/scenario'
import pMap from 'p-map'
import type { Interaction } from './comparison.ts'
import type { ExaminedRun } from './examined.ts'
import type { PlayedVariant } from './player.ts'
import { sharedFiles, stackOfPatches, stackKey, type Stack } from './stacks.ts'

/** What plays the stacks that have to be looked at beside the variants. */
export interface Laboratory {
  /** How many stacks to ask for at the same time. */
  readonly jobs: number
  /** Plays all scenarios, without checking types. */
  play(stack: Stack): Promise<PlayedVariant>
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

/** All that a stack does, as far as findings tell, as one text. */
function signature({ runs }: PlayedVariant): string {
  return JSON.stringify(
    [...runs].map(([scenario, run]) => [
      scenario,
      run?.outcome,
      run?.findings.map((finding) => `${findingKey(finding)} ${String(finding.count)}`).sort(),
    ]),
  )
}

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
  readonly variant: PlayedVariant
  readonly baseline: PlayedVariant
  /** Each patch by itself. */
  readonly parts: readonly PlayedVariant[]
  /** The stack without each patch; same order. */
  readonly without: readonly PlayedVariant[]
}

const idsOf = ({ stack }: PlayedVariant): string[] => stack.patches.map(({ id }) => id)

/** Findings of the stack that neither the unpatched kernel nor any of the patches by itself has. */
function combinations(apart: TakenApart): Interaction[] {
  const { variant, baseline, parts, without } = apart
  const found = new Map<string, { patches: Set<string>; scenarios: string[] }>()
  for (const [scenario, run] of variant.runs) {
    for (const finding of run?.findings ?? []) {
      const key = findingKey(finding)
      const elsewhere = [baseline, ...parts].filter(({ status }) => status === 'ok')
      if (!elsewhere.every(({ runs }) => lacks(runs.get(scenario), finding))) continue
      const needed = idsOf(variant).filter((_id, index) => {
        const rest = without[index]
        return rest?.status === 'ok' && lacks(rest.runs.get(scenario), finding)
      })
      const known = found.get(key) ?? { patches: new Set<string>(), scenarios: [] }
      found.set(key, known)
      known.scenarios.push(scenario)
      for (const id of needed.length > 1 ? needed : idsOf(variant)) known.patches.add(id)
    }
  }
  return [...found].map(([finding, { patches, scenarios }]) => {
    const ids = idsOf(variant).filter((id) => patches.has(id))
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
  const { variant, baseline, parts, without } = apart
  const whole = signature(variant)
  const found: Interaction[] = []
  for (const [index, id] of idsOf(variant).entries()) {
    const rest = without[index]
    if (rest?.status !== 'ok' || signature(rest) !== whole) continue
    // It was played without being checked: perhaps the others do not compile without this patch.
    if ((await laboratory.build(rest.stack, 'checked')).status !== 'ok') continue
    const alone = parts[index]
    const idle = alone?.status === 'ok' && signature(alone) === signature(baseline)
    const why = idle
      ? 'it changes no finding by itself either'
      : `${enumerated(idsOf(rest))} already ${idsOf(rest).length === 1 ? 'does' : 'do'} what it does`
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
async function orders(apart: TakenApart, laboratory: Laboratory): Promise<Interaction[]> {
  const { variant } = apart
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
      else if (built.hash !== variant.hash) {
        const other = await laboratory.play(moved)
        if (other.status !== 'ok') report(`with ${second.id} before ${first.id} the stack is ${other.status}`)
        else if (signature(other) !== signature(variant))
          report(`with ${second.id} before ${first.id} the stack has other findings`)
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

/** The finding of a run that masks another. */
function maskOf(run: Run, key: string): Finding | undefined {
  return run?.findings.find((one) => one.masks?.includes(key))
}

/** Findings of the unpatched kernel that the variant only seems to fix: back when the scenario goes on, or masked. */
function hidden(
  variant: PlayedVariant,
  baseline: PlayedVariant,
  scenarios: readonly Scenario[],
): Interaction[] {
  const found = new Map<string, Interaction>()
  for (const scenario of scenarios) {
    const run = variant.runs.get(scenario.id)
    for (const finding of baseline.runs.get(scenario.id)?.findings ?? []) {
      const key = findingKey(finding)
      if (found.has(key) || !lacks(run, finding)) continue
      const shared = {
        variant: variant.stack.id,
        kind: 'hides',
        patches: idsOf(variant),
        finding: key,
      } as const
      const mask = maskOf(run, key)
      const later = scenarios.find(
        (longer) => continues(longer, scenario) && has(variant.runs.get(longer.id), key),
      )
      if (mask !== undefined) {
        const message = `${key} only does not show in ${scenario.id} because of ${findingKey(mask)}`
        found.set(key, { ...shared, scenario: scenario.id, message })
      } else if (later !== undefined) {
        const message = `${key} is gone in ${scenario.id} and back in ${later.id}, which goes on from there`
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

/** Plays what is needed to take the stacks among the variants apart, as far as that is no variant itself. */
async function laboratoryOf(
  variants: readonly PlayedVariant[],
  laboratory: Laboratory,
): Promise<(variant: PlayedVariant) => Pick<TakenApart, 'parts' | 'without'>> {
  const known = new Map(variants.map((variant) => [stackKey(variant.stack), variant]))
  const needed = variants
    .filter(({ status, stack }) => status === 'ok' && stack.patches.length > 1)
    .flatMap(({ stack }) => [...partsOf(stack), ...withoutEach(stack)])
  const missing = new Map(needed.map((stack) => [stackKey(stack), stack]))
  for (const key of known.keys()) missing.delete(key)
  const played = await pMap(missing.values(), (stack) => laboratory.play(stack), {
    concurrency: laboratory.jobs,
  })
  for (const part of played) known.set(stackKey(part.stack), part)
  const find = (stack: Stack): PlayedVariant => {
    const part = known.get(stackKey(stack))
    if (part === undefined) throw new RangeError(`${stack.id} was not played`)
    return part
  }
  return ({ stack }) => ({ parts: partsOf(stack).map(find), without: withoutEach(stack).map(find) })
}

/**
 * Finds what the patches of each variant do to each other and to findings.
 *
 * @param variants - the unpatched kernel first
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
  const takeApart = await laboratoryOf(others, laboratory)
  const found: Interaction[] = []
  for (const variant of others) {
    if (variant.status !== 'ok') continue
    const own = hidden(variant, baseline, scenarios)
    if (variant.stack.patches.length < 2) {
      found.push(...own)
      continue
    }
    const apart = { variant, baseline, ...takeApart(variant) }
    const named = apart.parts.filter((part) => others.includes(part))
    found.push(
      ...combinations(apart),
      ...(await redundancies(apart, laboratory)),
      ...notHiddenBy(
        named.map((part) => hidden(part, baseline, scenarios)),
        own,
      ),
      ...(await orders(apart, laboratory)),
    )
  }
  return found
}
