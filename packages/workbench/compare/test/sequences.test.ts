// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unpatchedStack, stackOfId, type Stack } from '../src/index.ts'
import { counterexample, playerOf, sequence } from './sequences.ts'
import { engine, folderWith, root } from './support.ts'

/** Set `FUZZ_RUNS=10000` for a longer search. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 60)
const seed = 842

const stack = (...ids: string[]): Stack => stackOfId(join(root, 'patches'), ids.join('+'), engine)

/** With these patches, nodes have no other holders: the phandle cache is off, and lookups drop their references. */
const cacheless = ['cache-off', 'driver-puts', 'rng-put']
const following = [
  'vio-notifier',
  'name40',
  'vio-unregister-uaf',
  'nx842-notifier-outside-probe',
  'nx-crypto-forget-device',
]

describe('for any sequence of attach, detach, lookup, update, migration and reload', () => {
  it('a fixed kernel accesses no freed memory, has correct counts, and has the tree of firmware', async () => {
    const fixed = stack('attach-subtree', ...following, ...cacheless)
    const found = counterexample(await playerOf(fixed), numRuns, seed)
    if (found === null) return
    const { broken, file } = found
    throw new Error(`${broken.join('\n')}\n\nAs FILE.yaml, for "pfo run ${fixed.id} FILE.yaml":\n\n${file}`)
  })

  it('a phandle cache that holds references leaks the reference on a node that another node replaces in its slot', async () => {
    const v50 = stack('cache-fix', 'attach-subtree', ...following, 'driver-puts', 'rng-put')
    const found = counterexample(await playerOf(v50), numRuns, seed)
    expect(found?.file).toMatch(/^ {2}- \{"lookup":\[\d+/m)
    expect(found?.broken[0]).toMatch(/^step \d+: \S+\[0\] counts (\d), (\d) hold it$/)
  })

  it('the result is the same each time, to the byte', async () => {
    const play = await playerOf(unpatchedStack(engine))
    for (const steps of fc.sample(sequence, { numRuns: 10, seed })) expect(play(steps)).toBe(play(steps))
  })

  it('a broken kernel yields the shortest sequence, as a scenario file that pfo can play', async () => {
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
