// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { event, findingsOf, runOf, saysOf } from '../support.ts'

describe('duplicate-name', () => {
  it('fires when a sysfs name was in use and another was chosen', () => {
    const rename = event('sysfs.rename', { directory: '/base', wanted: 'x', used: 'x#1' })
    expect(saysOf('duplicate-name', runOf([{}], [rename]))).toEqual([
      { subject: '/base/x#1', kind: 'renamed', data: { wanted: 'x', used: 'x#1' } },
    ])
  })

  it('fires when a name was in use and the creation was refused', () => {
    const refused = event('sysfs.duplicate', { path: '/sys/devices/vio/x' })
    expect(saysOf('duplicate-name', runOf([{}], [refused, refused]))).toEqual([
      { subject: '/sys/devices/vio/x', kind: 'not-created', data: {} },
    ])
  })

  it('fires once if the other name was in use too', () => {
    const rename = event('sysfs.rename', { directory: '/base', wanted: 'x', used: 'x#16' })
    const refused = event('sysfs.duplicate', { path: '/base/x#16' })
    expect(saysOf('duplicate-name', runOf([{}], [rename, refused]))).toEqual([
      { subject: '/base/x#16', kind: 'not-created', data: {} },
    ])
  })

  it('is silent if the name had been released before', () => {
    const path = { path: '/sys/devices/vio/x', kind: 'directory' } as const
    const events = [event('sysfs.create', path), event('sysfs.remove', path), event('sysfs.create', path)]
    expect(findingsOf('duplicate-name', runOf([{}], events))).toEqual([])
  })
})
