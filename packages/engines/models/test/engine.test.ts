// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { runInSandbox } from '@pfo-workbench/variant'
import { afterAll, describe, expect, it } from 'vitest'
import { ModelEngine } from '../src/index.ts'
import { scenarioOf } from './support.ts'

const engine = new ModelEngine()
afterAll(async () => engine[Symbol.asyncDispose]())

const baseline = { id: 'baseline', title: '', patches: [] }
const playModule = join(import.meta.dirname, 'play-module.ts')

/** Output of a stack's program for a job. */
async function said(bundle: string, job: string): Promise<string> {
  for await (const result of runInSandbox(bundle, [job]))
    return result.status === 'ok' ? result.output : result.reason
  throw new Error('there is no result')
}

describe('the models as an engine', () => {
  it('bundles a play module and a machine into a program', async () => {
    const { status, bundle = '' } = await engine.build(baseline, { depth: 'bundled', playModule })
    expect(status).toBe('ok')
    expect(await said(bundle, JSON.stringify(scenarioOf('- load: pseries_rng')))).toBe('completed, 2 steps')
  })

  it('leaves YAML parsers and schema checks out of programs, because each job would load them again', async () => {
    const { bundle = '' } = await engine.build(baseline, { depth: 'bundled', playModule })
    expect(bundle).not.toMatch(/zod|discriminatedUnion/i)
  })

  it('refuses builds after it was disposed of', async () => {
    const own = new ModelEngine()
    await own[Symbol.asyncDispose]()
    await expect(own.build(baseline, { depth: 'applied', playModule })).rejects.toMatchObject({
      code: 'disposed',
    })
  })

  it('is identified by a hash of everything it consists of', () => {
    expect(engine.origin).toMatch(/^[0-9a-f]{64}$/)
    expect(new ModelEngine().origin).toBe(engine.origin)
  })

  it('plays every scenario', () => {
    expect(engine.refuses()).toBeNull()
  })
})
