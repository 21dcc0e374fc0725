// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { baselineOf, stackOfId, type Stack } from '../src/index.ts'
import { counterexample, playerOf, sequence } from './sequences.ts'
import { engine, folderWith, root } from './support.ts'

/** `FUZZ_RUNS=10000` looks longer. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 60)
const seed = 842

const stack = (...ids: string[]): Stack => stackOfId(join(root, 'patches'), ids.join('+'), engine)

/** Nobody else holds nodes: without a cache, and with what lookups took put. */
const cacheless = ['cache-off', 'driver-puts', 'rng-put']
const following = [
  'vio-notifier',
  'name40',
  'vio-unregister-uaf',
  'nx842-notifier-outside-probe',
  'nx-crypto-forget-device',
]

describe('whatever is attached, detached, looked up, updated, migrated and reloaded, in any order', () => {
  it('a fixed kernel touches nothing that it freed, counts who holds, and has the tree of firmware', async () => {
    const fixed = stack('attach-subtree', ...following, ...cacheless)
    const found = counterexample(await playerOf(fixed), numRuns, seed)
    if (found === null) return
    const { broken, file } = found
    throw new Error(`${broken.join('\n')}\n\nAs FILE.yaml, for "pfo run ${fixed.id} FILE.yaml":\n\n${file}`)
  })

  it('a cache that holds nodes keeps its reference on the one that another pushes out of its slot', async () => {
    const v50 = stack('cache-fix', 'attach-subtree', ...following, 'driver-puts', 'rng-put')
    const found = counterexample(await playerOf(v50), numRuns, seed)
    expect(found?.file).toMatch(/^ {2}- \{"lookup":\[\d+/m)
    expect(found?.broken[0]).toMatch(/^step \d+: \S+\[0\] counts (\d), (\d) hold it$/)
  })

  it('the same happens each time, to the byte', async () => {
    const play = await playerOf(baselineOf(engine))
    for (const steps of fc.sample(sequence, { numRuns: 10, seed })) expect(play(steps)).toBe(play(steps))
  })

  it('of a broken kernel there is the shortest sequence, as a scenario file that pfo plays again', async () => {
    const found = counterexample(await playerOf(stack(...cacheless)), numRuns, seed)
    const file = found?.file ?? ''
    expect(file).toBe(`id: counterexample
title: A sequence that breaks what should hold
steps:
  - {"migrate":{"readd":"hierarchy"}}
`)
    expect(found?.broken).toContain("step 1: the live tree is not firmware's")
    const folder = folderWith({ 'counterexample.yaml': file })
    const { stdout, status } = spawnSync(
      process.execPath,
      [join(root, 'apps/workbench/bin/pfo.js'), 'run', 'baseline', join(folder, 'counterexample.yaml')],
      { encoding: 'utf8' },
    )
    expect(status).toBe(0)
    expect(stdout).toContain('step 1: migrate (one ADD for the hierarchy) -> ok')
    expect(stdout).toMatch(/^lost-node {2}\/ibm,platform-facilities\/ibm,random-v1 {2}\(step 1\)$/m)
  })
})
