// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildCommand, pfo, scratch, shippedPatch, write, type Ended } from './support.ts'

interface Document {
  readonly variants: readonly { id: string; title: string; status: string }[]
  readonly scenarios: readonly { id: string }[]
  readonly cells: readonly { variant: string; scenario: string; outcome: string; findings: unknown[] }[]
}

let json: Ended
let file: Ended
let trace: Ended

beforeAll(async () => {
  buildCommand()
  write('my own.patch', shippedPatch('wipe').replace(/^Subject: .*\n .*\n/m, 'Subject: [PATCH] Mine\n'))
  write('series.yaml', 'stacks: [{ patches: [cache] }]\n')
  write('cache.patch', shippedPatch('cache-skip-detached'))
  write('report.txt', 'an old report')
  const scenario = ['--scenario', 'lpm-once-hierarchy']
  const results = await Promise.all([
    pfo('compare', 'my own.patch', '--series', 'series.yaml', '--format', 'json', ...scenario),
    pfo('compare', 'my own.patch', ...scenario, '--output', 'report.txt'),
    pfo('run', 'baseline', 'lpm-once-hierarchy', '--trace'),
  ])
  json = results[0]
  file = results[1]
  trace = results[2]
}, 180_000)

describe('pfo compare --format json', () => {
  it('prints exactly one document on stdout and nothing on stderr', () => {
    expect([json.code, json.stderr]).toEqual([0, ''])
    expect(json.stdout).toMatch(/^\{[^\n]*\}\n$/)
    expect(JSON.parse(json.stdout)).toMatchObject({ schemaVersion: 2, kernel: 'v4.18', baseline: 'baseline' })
  })

  it('compares each patch file as a variant, along with the unpatched kernel and the series', () => {
    const { variants, scenarios, cells } = JSON.parse(json.stdout) as Document
    expect(variants.map(({ id, status }) => [id, status])).toEqual([
      ['baseline', 'ok'],
      ['cache', 'ok'],
      ['my own', 'ok'],
    ])
    expect(variants.at(-1)).toMatchObject({ title: 'Mine', patches: ['my own'] })
    expect(scenarios).toMatchObject([{ id: 'lpm-once-hierarchy' }])
    expect(cells.map(({ variant, scenario, outcome }) => [variant, scenario, outcome])).toEqual(
      variants.map(({ id }) => [id, 'lpm-once-hierarchy', 'completed']),
    )
    for (const { findings } of cells) expect(findings.length).toBeGreaterThan(0)
  })
})

describe('pfo compare --output', () => {
  it('replaces the file with the whole report and leaves stdout empty', () => {
    expect(file).toEqual({ code: 0, stdout: '', stderr: '' })
    const text = readFileSync(join(scratch, 'report.txt'), 'utf8')
    expect(text).toMatch(/^my own {2}"Mine"\n1 scenario against Linux v4\.18/)
    expect(text).toMatch(/^ {2}lpm-once-hierarchy /m)
    expect(text).toContain('my own')
    expect(text).toMatch(/\n$/)
    expect(text).not.toContain('an old report')
  })

  it('writes no colours and leaves no temporary files', () => {
    expect(readFileSync(join(scratch, 'report.txt'), 'utf8')).not.toContain('\u001b')
    expect(readdirSync(scratch).filter((name) => name.startsWith('.pfo-'))).toEqual([])
    expect(existsSync(join(scratch, 'report.txt'))).toBe(true)
  })
})

describe('pfo run --trace', () => {
  it('prints the events of each step with their call chains, without colours', () => {
    expect([trace.code, trace.stderr]).toEqual([0, ''])
    expect(trace.stdout).toMatch(/^lpm-once-hierarchy: completed\nstep 0: boot -> completed\n/)
    const migration = trace.stdout.slice(trace.stdout.indexOf('\nstep 2: migrate'))
    expect(migration).toMatch(
      / {2}node\.detach {2}object=device_node#\d+ parent=\S+ path=\/ibm,platform-facilities\/ibm,random-v1 again=false {2}\[\w+\/\d+\]\n +by __of_detach_node < of_detach_node < dlpar_detach_node < /,
    )
    expect(migration).toMatch(/ {2}alloc {2}/)
    expect(trace.stdout).not.toContain('\u001b')
  })

  it('ends with the console and the findings', () => {
    expect(trace.stdout).toMatch(
      /\nconsole:\n {2}pseries-rng: [^]*\n\n\d+ findings:\n[^]*leak {2}\/ibm,platform-facilities/,
    )
  })
})
