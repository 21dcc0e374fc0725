// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { boot } from '@pfo-workbench/engine-models/boot'
import { playScenario } from '@pfo-workbench/play'
import type { RunRecord } from '@pfo-workbench/run'
import { parseScenario, shippedScenarios } from '@pfo-workbench/scenario'
import { describe, expect, it } from 'vitest'
import { examine, findingKey, oracles, type Finding } from '../src/index.ts'
import { detached, event, node, runOf } from './support.ts'

/** Plays a shipped scenario on the unpatched models. */
function play(id: string): RunRecord {
  const scenario = shippedScenarios('all').find((one) => one.id === id)
  if (scenario === undefined) throw new Error(`there is no scenario ${id}`)
  return playScenario({ scenario, trace: false }, boot)
}

const facilities = '/ibm,platform-facilities'
const children = ['ibm,random-v1', 'ibm,compression-v1', 'ibm,sym-encryption-v1']
const subjects = (findings: readonly Finding[], oracle: string): string[] =>
  findings.filter((finding) => finding.oracle === oracle).map((finding) => finding.subject)

describe('after one migration with one ADD for the hierarchy, the unpatched kernel', () => {
  const findings = examine(play('lpm-once-hierarchy'))

  it('loses the children and keeps the devices of the old children', () => {
    expect(subjects(findings, 'lost-node')).toEqual(children.map((child) => `${facilities}/${child}`))
    expect(subjects(findings, 'stale-device')).toEqual(children)
  })

  it('leaks the old children, referenced by their devices and drivers, and the new ones, never attached', () => {
    const held = (child: string, nth: number, holder: string): string =>
      `${facilities}/${child}[${String(nth)}] held by ${holder}`
    expect(new Set(subjects(findings, 'leak'))).toEqual(
      new Set([
        ...children.map((child) => held(child, 0, 'vio_register_device_node')),
        ...children.map((child) => held(child, 1, 'of_node_init')),
        held('ibm,random-v1', 0, 'rng_init'),
        held('ibm,compression-v1', 0, 'nx842_pseries_init'),
      ]),
    )
  })

  it('has no other findings', () => {
    expect(new Set(findings.map((finding) => finding.oracle))).toEqual(
      new Set(['leak', 'lost-node', 'stale-device', 'broken-sysfs']),
    )
  })
})

it('at the second migration the unpatched kernel finds the old nodes and renames the new ones', () => {
  const findings = examine(play('lpm-twice-hierarchy')).filter((finding) => finding.step === 3)
  expect(subjects(findings, 'stale-lookup')).toContain(`${facilities}[0]`)
  expect(subjects(findings, 'refcount')).toContain(`${facilities}[0] increment-on-0`)
  expect(subjects(findings, 'refcount')).toContain(
    `${facilities}/ibm,sym-encryption-v1[0] stolen from vio_register_device_node`,
  )
  expect(subjects(findings, 'duplicate-name')).toEqual([
    `/firmware/devicetree/base/ibm,platform-facilities#1`,
  ])
  expect(subjects(findings, 'console').length).toBeGreaterThan(0)
})

it('with one ADD per node the unpatched kernel oopses in the first migration and hangs in the next', () => {
  const findings = examine(play('lpm-twice-per-node'))
  expect(findings.filter(({ oracle }) => oracle === 'oops')).toMatchObject([
    { step: 2, subject: 'kernfs_find_ns' },
  ])
  expect(findings.filter(({ oracle }) => oracle === 'deadlock')).toMatchObject([{ step: 3 }])
})

it('when firmware changes properties of compression, no driver of the unpatched kernel takes the new values', () => {
  expect(subjects(examine(play('property-update-after-lpm')), 'missed-update')).toEqual([
    'ibm,compression-v1 ibm,max-sg-len',
    'ibm,compression-v1 status',
  ])
  expect(subjects(examine(play('lpm-twice-hierarchy')), 'missed-update')).toEqual([])
})

it('a lookup after a migration returns detached nodes', () => {
  const stale = examine(play('lookup-after-lpm')).filter(({ oracle }) => oracle === 'stale-lookup')
  expect(stale.map(({ data, count }) => [data, count])).toEqual(
    Array(4).fill([{ finder: 'of_find_node_by_phandle', caller: 'lookup_user' }, 3]),
  )
})

it('nodes that the user removed through ofdt are not lost, nor are their devices', () => {
  const findings = examine(play('ofdt-remove-add'))
  expect([...subjects(findings, 'lost-node'), ...subjects(findings, 'lost-device')]).toEqual([])
  expect(subjects(findings, 'stale-device')).toEqual(children)
})

it('a facility that firmware turned off is not lost when its driver is reloaded and does not bind', () => {
  const file = `
id: turned-off
title: Firmware turns compression off, and its driver is loaded again
steps:
  - load: nx_compress_pseries
  - update: { node: '${facilities}/ibm,compression-v1', property: status, value: disabled }
  - unload: nx_compress_pseries
  - load: nx_compress_pseries
`
  const scenario = parseScenario(file, 'turned-off.yaml')
  const run = playScenario({ scenario, trace: false }, boot)
  const compression = run.steps.at(-1)?.after.vio.find(({ device }) => device === 'ibm,compression-v1')
  expect(compression).toMatchObject({ driver: null, enabled: false })
  expect(subjects(examine(run), 'lost-device')).toEqual([])
})

describe('oracles', () => {
  it('have unique ids and titles that say what their findings mean', () => {
    expect(new Set(oracles.map((oracle) => oracle.id)).size).toBe(oracles.length)
    for (const { title } of oracles) expect(title).toMatch(/^\S.*[^.]$/)
    expect(oracles.map((oracle) => oracle.id)).toEqual([
      'oops',
      'deadlock',
      'use-after-free',
      'refcount',
      'stale-lookup',
      'leak',
      'memory-leak',
      'duplicate-name',
      'lost-node',
      'lost-device',
      'stale-device',
      'lost-service',
      'lost-notification',
      'left-over',
      'missed-update',
      'broken-sysfs',
      'interruption',
      'sleep-in-atomic',
      'console',
    ])
  })

  it('each have a file, and a test for when they fire and when they are silent', () => {
    for (const { id } of oracles) {
      expect(existsSync(join(import.meta.dirname, `../src/oracles/${id}.ts`)), id).toBe(true)
      const test = readFileSync(join(import.meta.dirname, `oracles/${id}.test.ts`), 'utf8')
      expect(test.match(/it(?:\.each\([^]*?\))?\(\s*["']fires/g)?.length ?? 0, id).toBeGreaterThan(1)
      expect(test, id).toMatch(/it\('is silent/)
    }
  })

  it('find only the leaks of the platform on a machine that was only booted', () => {
    const scenario = parseScenario(
      'id: a\ntitle: t\nsteps: [{ read: /sys/kernel/dlpar }]\n',
      'only-booted.yaml',
    )
    const booted = playScenario({ scenario, trace: false }, boot)
    const atBoot = {
      ...booted,
      steps: booted.steps.slice(0, 1),
      events: booted.events.filter((event) => event.step === 0),
    }
    expect(examine(atBoot).map(findingKey)).toEqual([
      'leak /ibm,platform-facilities/ibm,random-v1[0] held by rng_init',
    ])
  })

  it('are pure: they return the same findings for the same run, and do not change it', () => {
    const run = play('lpm-twice-hierarchy')
    const before = JSON.stringify(run)
    expect(examine(run)).toEqual(examine(run))
    expect(JSON.stringify(run)).toBe(before)
  })

  it('report no finding twice: oracle and subject are its key', () => {
    for (const { id } of shippedScenarios('all')) {
      const keys = examine(play(id)).map(findingKey)
      expect(new Set(keys).size).toBe(keys.length)
    }
  }, 300_000)

  it('reject a run without a boot step', () => {
    expect(() => examine(runOf([]))).toThrow(RangeError)
  })
})

it('a run that ends at a missing function is judged by the state before that step', () => {
  const before = { nodes: [node('a', { path: '/a' })], firmware: ['/a'] }
  const inBetween = { nodes: [detached('a', { path: '/a' })], firmware: ['/a'] }
  const events = [
    event(
      'use-after-free',
      { object: 'b', struct: 'bytes', field: 'bytes', access: 'read', allocatedBy: [], freedBy: [] },
      2,
    ),
  ]
  const run = runOf([before, before, inBetween], events)
  expect(new Set(examine(run).map(({ oracle }) => oracle))).toContain('lost-node')
  const cut: RunRecord = { ...run, outcome: 'unmodelled', unmodelled: { function: 'f', chain: [] } }
  expect(examine(cut).map(({ oracle, step }) => ({ oracle, step }))).toEqual([
    { oracle: 'use-after-free', step: 2 },
  ])
})
