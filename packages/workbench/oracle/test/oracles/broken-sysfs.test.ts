// SPDX-License-Identifier: GPL-2.0-only
import type { RunRecord } from '@pfo-workbench/run'
import { describe, expect, it } from 'vitest'
import { chainOf, device, event, findingsOf, runOf, saysOf } from '../support.ts'

describe('broken-sysfs', () => {
  const start = device('x', 'n')
  const broken = (files: Partial<typeof start.files>): RunRecord =>
    runOf([{ vio: [start] }, { vio: [{ ...start, files: { ...start.files, ...files } }] }])

  it('shows the call chain that detached the node behind the files', () => {
    const nameless = { ...start, files: { ...start.files, name: '' } }
    const detach = {
      ...event('node.detach', { object: 'n', path: '/x', again: false }),
      chain: chainOf('f < g'),
    }
    const evidenceOf = (run: RunRecord): unknown => findingsOf('broken-sysfs', run)[0]?.evidence
    expect(evidenceOf(runOf([{ vio: [start] }, { vio: [nameless] }], [detach]))).toMatchObject([
      { kind: 'device-node-detached', chain: chainOf('f < g') },
    ])
    expect(evidenceOf(broken({ name: '' }))).toEqual([])
  })

  it('fires when the link to the node is dangling', () => {
    expect(findingsOf('broken-sysfs', broken({ of_node: null }))).toMatchObject([
      { subject: 'x/of_node', step: 1, kind: 'dangling-link' },
    ])
  })

  it('fires when the link points to another node, and names it', () => {
    expect(saysOf('broken-sysfs', broken({ of_node: '/devices/x#1' }))).toEqual([
      { subject: 'x/of_node', kind: 'file-changed', data: { before: '/devices/x', now: '/devices/x#1' } },
    ])
  })

  it('is silent about a link that was created after the device', () => {
    const came = device('x', 'n', null, { files: { ...start.files, of_node: null } })
    expect(findingsOf('broken-sysfs', runOf([{ vio: [came] }, { vio: [start] }]))).toEqual([])
  })

  it('fires when files have other content than at registration', () => {
    expect(saysOf('broken-sysfs', broken({ name: '', modalias: 'vio:TS' }))).toEqual([
      { subject: 'x/name', kind: 'file-changed', data: { before: 'x', now: '' } },
      { subject: 'x/modalias', kind: 'file-changed', data: { before: 'vio:TxSx', now: 'vio:TS' } },
    ])
  })

  it('is silent if nothing changed, and about a device that was broken from the start', () => {
    expect(findingsOf('broken-sysfs', broken({}))).toEqual([])
    const came = device('x', 'n', null, { files: { ...start.files, of_node: null } })
    expect(findingsOf('broken-sysfs', runOf([{}, { vio: [came] }, { vio: [came] }]))).toEqual([])
  })
})
