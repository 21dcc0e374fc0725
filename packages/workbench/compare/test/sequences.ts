// SPDX-License-Identifier: GPL-2.0-only
import { compileFunction } from 'node:vm'
import type { NodeState, RunRecord, Scenario, Step } from '@pfo-workbench/run'
import fc from 'fast-check'
import { Builds } from '../src/play/builds.ts'
import type { Job } from '../src/play/program.ts'
import type { Stack } from '../src/index.ts'
import { engine } from './support.ts'

const modules = ['pseries_rng', 'nx_compress_pseries', 'nx_crypto']
const facilities = ['ibm,random-v1', 'ibm,compression-v1', 'ibm,sym-encryption-v1']

/** Parent of nodes that are added and removed by hand; firmware has no nodes there. */
const pool = '/pool'

/** Paths below the pool; the pool itself is first. */
const paths = [
  pool,
  ...['a', 'b'].flatMap((first) => [
    `${pool}/${first}`,
    ...['c', 'd'].map((second) => `${pool}/${first}/${second}`),
  ]),
]

const handleOf = (path: string): number => 0x1000 + paths.indexOf(path)

function addition(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const handle = String.fromCharCode(0, 0, handleOf(path) >>> 8, handleOf(path) & 0xff)
  return `add_node ${path} name ${String(name.length + 1)} ${name}\0 ibm,phandle 4 ${handle}`
}

/** A path and its ancestors, ancestors first: v4.18 oopses on a node without a parent. */
const lineOf = (path: string): string[] => paths.filter((one) => `${path}/`.startsWith(`${one}/`))

const path = fc.constantFrom(...paths)
const facility = fc.constantFrom(...facilities).map((name) => `/ibm,platform-facilities/${name}`)
const some = fc.subarray(modules, { minLength: 1 })

/** A step: attach, detach, get, put, update, migrate or reload. */
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .uniqueArray(path, { minLength: 1, maxLength: 4 })
      .map((all) => ({ ofdt: [...new Set(all.flatMap(lineOf))].map(addition) })),
  },
  { weight: 2, arbitrary: path.map((one) => ({ ofdt: [`remove_node ${one}`] })) },
  {
    weight: 2,
    arbitrary: fc
      .array(
        fc.oneof(path, path.map(handleOf), facility, fc.constantFrom(0xfffffff5, 0xfffffff4, 0xfffffff3)),
        {
          minLength: 1,
          maxLength: 3,
        },
      )
      .map((lookup) => ({ lookup })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        node: facility,
        property: fc.constantFrom('ibm,max-sg-len', 'ibm,new'),
        // The length that drivers expect. With other values, a probe of nx-842 fails and leaves its notifier with a
        // device that is freed soon. No shipped patch fixes this bug.
        value: fc.constantFrom([0x800], [0x400]),
        by: fc.constantFrom('migration' as const, 'prrn' as const),
      })
      .map((update) => ({ update })),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('hierarchy' as const, 'per-node' as const)
      .map((readd) => ({ migrate: { readd } })),
  },
  { weight: 2, arbitrary: some.map((load) => ({ load })) },
  { weight: 1, arbitrary: some.map((unload) => ({ unload })) },
)

/** Sequences of steps on the tree that the previous steps left. */
export const sequence: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 1, maxLength: 8 })

const scenarioOf = (steps: readonly Step[]): Scenario => ({
  id: 'counterexample',
  title: 'A sequence that breaks what should hold',
  machine: { config: {}, devicetree: null },
  steps,
})

/** Writes a scenario file with these steps: flow style, one step per line. */
function fileOf(steps: readonly Step[]): string {
  const { id, title } = scenarioOf(steps)
  return [
    `id: ${id}`,
    `title: ${title}`,
    'steps:',
    ...steps.map((one) => `  - ${JSON.stringify(one)}`),
    '',
  ].join('\n')
}

/** Plays steps on a variant, in this process: the patches are trusted. */
type Play = (steps: readonly Step[]) => string

/** Builds a variant to play on. */
export async function playerOf(stack: Stack): Promise<Play> {
  const builds = new Builds(engine, null)
  const program = await builds.program(stack, await builds.build(stack, 'bundled'))
  const load = compileFunction(`${program}\n; return pfoEngine`, ['__pfoHits'], {
    filename: 'models.js',
  }) as (hits: unknown[]) => { play: (job: string) => string }
  const loaded = load([])
  return (steps) => {
    const job: Job = { want: 'record', scenario: scenarioOf(steps), trace: false }
    return loaded.play(JSON.stringify(job))
  }
}

/** Nodes that the kernel looks up at boot and keeps: `of_chosen`, `of_stdout` and `rtas.dev`. */
const kept = ['/chosen', '/vdevice/vty@71000000', '/rtas']

/**
 * Number of holders of a node: the tree, its children's directories, devices, and the phandle cache, if it takes
 * references.
 */
function holdersOf(
  node: NodeState,
  { nodes, vio, phandleCache }: RunRecord['steps'][number]['after'],
): number {
  const children = nodes.filter(
    (one) =>
      one.inTree &&
      one !== node &&
      one.path.slice(0, one.path.lastIndexOf('/')) === (node.path === '/' ? '' : node.path),
  )
  return (
    (node.inTree ? 1 + children.length : 0) +
    (kept.includes(node.path) ? 1 : 0) +
    vio.filter((device) => device.node === node.object).length +
    phandleCache.filter((slot) => slot.node === node.object).length
  )
}

const faults = new Set(['use-after-free', 'double-free', 'ref.fault', 'oops', 'hang'])

/** Violated invariants of each step, one per line. */
function violations(text: string): string[] {
  const run = JSON.parse(text) as RunRecord
  const touched = run.events
    .filter(({ type }) => faults.has(type))
    .map(({ type, step: at, chain }) => `step ${String(at)}: ${type} in ${chain[0]?.function ?? '?'}`)
  const counts = run.steps.flatMap(({ index, after }) =>
    after.nodes
      .filter((node) => node.life !== 'freed' && node.refcount !== holdersOf(node, after))
      .map(
        (node) =>
          `step ${String(index)}: ${node.path}[${String(node.generation)}] counts ${String(node.refcount)}, ${String(holdersOf(node, after))} hold it`,
      ),
  )
  const trees = run.steps.flatMap(({ index, after }) => {
    const live = after.nodes
      .filter((node) => node.inTree && !`${node.path}/`.startsWith(`${pool}/`))
      .map((node) => node.path)
    return JSON.stringify(live.toSorted()) === JSON.stringify(after.firmware.toSorted())
      ? []
      : [`step ${String(index)}: the live tree is not firmware's`]
  })
  return [...touched, ...counts, ...trees]
}

/** Drops single steps as long as the sequence still fails. fast-check has shrunk it, but never drops the last steps. */
function withoutNeedless(steps: Step[], isBroken: (steps: Step[]) => boolean): Step[] {
  const shorter = steps
    .map((_, left) => steps.filter((__, at) => at !== left))
    .find((rest) => rest.length > 0 && isBroken(rest))
  return shorter === undefined ? steps : withoutNeedless(shorter, isBroken)
}

/** Searches for a sequence that violates an invariant, and shortens it as far as possible. */
export function counterexample(
  play: Play,
  numRuns: number,
  seed: number,
): { readonly file: string; readonly broken: readonly string[] } | null {
  const isBroken = (steps: readonly Step[]): boolean => violations(play(steps)).length > 0
  const [found] =
    fc.check(
      fc.property(sequence, (steps) => !isBroken(steps)),
      { numRuns, seed },
    ).counterexample ?? []
  if (found === undefined) return null
  const steps = withoutNeedless(found, isBroken)
  return { file: fileOf(steps), broken: violations(play(steps)) }
}
