// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInThisContext } from 'node:vm'
import { fixturesFolder, jobOf, readRecordings } from '@pfo-workbench/conformance'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Bundler, type CallChains } from '../src/compile/bundle.ts'
import { modelPackages, readModelSources } from '../src/sources.ts'

/** The unpatched models as two programs, one for each kind of call chains. */
interface Programs {
  readonly shadow: (job: string) => string
  readonly v8: (job: string) => string
}

const folder = mkdtempSync(join(tmpdir(), 'pfo-stacks-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

async function programsOf(entry: string): Promise<Programs> {
  const sources = await readModelSources(modelPackages())
  const load = async (chains: CallChains): Promise<Programs['v8']> => {
    const bundler = new Bundler(sources, entry, mkdtempSync(join(folder, 'bundle-')), chains)
    const program = await bundler.bundle(new Map())
    await bundler.dispose()
    if (!program.ok) throw new Error(program.faults.join('\n'))
    // The reader of the V8 stack skips frames without a file name.
    const made: unknown = runInThisContext(`(() => { ${program.text}; return pfoEngine })()`, 'program.js')
    return (made as { play: Programs['v8'] }).play
  }
  return { shadow: await load('shadow stack'), v8: await load('stack of V8') }
}

const pathOf = (url: string): string => JSON.stringify(fileURLToPath(url))

/** V8 names an anonymous function of the play module after the variable that holds it. */
const withoutGuesses = (record: string): string => record.replaceAll(',"finders"', '')

/** Number of call chains in a record. */
const chainsIn = (record: string): number => record.split('"chain":[').length - 1

/**
 * The first difference of two records with some text around it; null if they are equal. Records are too long for a
 * comparison of objects.
 */
function firstDifference(one: string, other: string): string | null {
  if (one === other) return null
  let at = 0
  while (one[at] === other[at]) at++
  const shown = (text: string): string => text.slice(Math.max(0, at - 200), at + 200)
  return `${shown(one)}\n${shown(other)}`
}

/**
 * The distinct jobs of the recordings, each with the name of one recording. Recordings of several patches share jobs.
 */
const recordedJobs: readonly (readonly [name: string, job: string])[] = [
  ...new Map(
    readRecordings(fixturesFolder).recordings.map((recording) => [
      JSON.stringify(jobOf(recording)),
      `${recording.variant}/${recording.scenario}`,
    ]),
  ),
].map(([job, name]) => [name, job])

describe("call chains of the shadow stack equal those of V8's stack", () => {
  let scenarios: Programs
  let recordings: Programs

  beforeAll(async () => {
    const boot = pathOf(new URL('../src/booted/boot.ts', import.meta.url).href)
    const play = pathOf(new URL('../../../workbench/play/src/index.ts', import.meta.url).href)
    scenarios = await programsOf(
      `import { boot } from ${boot}\nimport { playScenario } from ${play}\nexport const play = (job: string): string => JSON.stringify(playScenario(JSON.parse(job), boot))\n`,
    )
    const replay = pathOf(
      new URL('../src/replay-engine.ts', import.meta.resolve('@pfo-workbench/conformance')).href,
    )
    recordings = await programsOf(`export { play } from ${replay}\n`)
  })

  it.each(shippedScenarios().map((scenario) => [scenario.id, scenario] as const))(
    'in the scenario %s, of every event and on the console',
    (_id, scenario) => {
      const job = JSON.stringify({ scenario, trace: true })
      const record = scenarios.shadow(job)
      expect(chainsIn(record)).toBeGreaterThan(1000)
      expect(firstDifference(record, scenarios.v8(job))).toBeNull()
    },
  )

  it('for more than twenty recordings', () => {
    expect(recordedJobs.length).toBeGreaterThan(20)
  })

  it.each(recordedJobs)('for the recording %s', (_name, job) => {
    expect(firstDifference(recordings.shadow(job), withoutGuesses(recordings.v8(job)))).toBeNull()
  })
})
