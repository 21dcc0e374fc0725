// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { runInSandbox } from '@pfo-workbench/variant'
import { afterAll, describe, expect, it } from 'vitest'
import { ModelEngine } from '../src/index.ts'
import { scenarioOf } from './support.ts'

const engine = new ModelEngine()
afterAll(async () => engine[Symbol.asyncDispose]())

const baseline = { id: 'baseline', title: '', patches: [] }
const player = join(import.meta.dirname, 'player.ts')

/** What the program of a stack says of a job. */
async function said(bundle: string, job: string): Promise<string> {
  for await (const result of runInSandbox(bundle, [job]))
    return result.status === 'ok' ? result.output : result.reason
  throw new Error('there is no result')
}

describe('the models as an engine', () => {
  it('make a program of a player and a machine for it to boot', async () => {
    const { status, bundle = '' } = await engine.build(baseline, { depth: 'bundled', player })
    expect(status).toBe('ok')
    expect(await said(bundle, JSON.stringify(scenarioOf('- load: pseries_rng')))).toBe('completed, 2 steps')
  })

  it('make programs without what reads YAML or checks data, which would be loaded anew for each job', async () => {
    const { bundle = '' } = await engine.build(baseline, { depth: 'bundled', player })
    expect(bundle).not.toMatch(/zod|discriminatedUnion/i)
  })

  it('build nothing any more when they were disposed of', async () => {
    const own = new ModelEngine()
    await own[Symbol.asyncDispose]()
    await expect(own.build(baseline, { depth: 'applied', player })).rejects.toMatchObject({
      code: 'disposed',
    })
  })

  it('are known by a hash of all that they are made of', () => {
    expect(engine.origin).toMatch(/^[0-9a-f]{64}$/)
    expect(new ModelEngine().origin).toBe(engine.origin)
  })

  it('play every scenario', () => {
    expect(engine.refuses()).toBeNull()
  })
})
