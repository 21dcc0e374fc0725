// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { chainOf, event, findingsOf, node, runOf, saysOf, type EventSketch } from '../support.ts'

const attach = (object: string, step = 1) =>
  event('node.attach', { object, parent: null, path: `/${object}`, chain: chainOf('of_attach_node') }, step)
const detach = (object: string, step = 1) =>
  event('node.detach', { object, parent: null, path: `/${object}`, again: false }, step)
const update = (object: string, attached = true, change: 'add' | 'remove' | 'update' = 'update') =>
  event('node.property', { object, path: `/${object}`, property: 'status', change, attached })
/** A round of the chain: two callbacks are called with an action. */
const round = (action: number, step = 1): EventSketch[] =>
  ['iommu_reconfig_notifier', 'pci_dn_reconfig_notifier'].map((callback) =>
    event('notifier.call', { head: 'of_reconfig_chain', callback, action, result: 0 }, step),
  )
const ATTACH = 1
const DETACH = 2
const UPDATE = 5
const nodes = [node('n', { path: '/n' }), node('m', { path: '/m' })]
const found = (...events: EventSketch[]) =>
  saysOf('lost-notification', runOf([{}, { nodes }, { nodes }], events))

describe('lost-notification', () => {
  it('fires on an attached node that the chain did not report', () => {
    const run = runOf([{}, { nodes }], [attach('n'), ...round(ATTACH), attach('m')])
    expect(findingsOf('lost-notification', run)).toEqual([
      {
        oracle: 'lost-notification',
        kind: 'not-notified',
        subject: '/m[0] attach',
        step: 1,
        count: 1,
        data: { change: 'attach', calls: 0 },
        evidence: [{ kind: 'tree-changed', data: { path: '/m' }, chain: chainOf('of_attach_node'), seq: 3 }],
      },
    ])
  })

  it('finds the one of two changes that was not reported, whichever it is', () => {
    expect(found(attach('n'), attach('m'), ...round(ATTACH))).toMatchObject([{ subject: '/n[0] attach' }])
    expect(found(detach('n'), ...round(DETACH), detach('m'))).toMatchObject([{ subject: '/m[0] detach' }])
  })

  it('fires on a node that the chain reported twice', () => {
    expect(found(detach('n'), ...round(DETACH), ...round(DETACH))).toEqual([
      { kind: 'not-notified', subject: '/n[0] detach twice', data: { change: 'detach', calls: 2 } },
    ])
  })

  it('fires on a property that changed without notification', () => {
    expect(found(...round(ATTACH, 2), update('n'))).toEqual([
      {
        kind: 'not-notified',
        subject: '/n[0] status update-property',
        data: { change: 'update-property', calls: 0 },
      },
    ])
  })

  it('is silent if each change is reported once, also if all are reported at the end as a changeset does', () => {
    expect(
      found(attach('n'), ...round(ATTACH), detach('m'), ...round(DETACH), update('n'), ...round(UPDATE)),
    ).toEqual([])
    expect(
      found(attach('n'), attach('m'), update('n'), ...round(ATTACH), ...round(ATTACH), ...round(UPDATE)),
    ).toEqual([])
  })

  it('is silent about a property of a node that is not in sysfs, or that is detached before the chain runs', () => {
    expect(found(...round(ATTACH, 2), update('n', false))).toEqual([])
    expect(found(update('n', true, 'remove'), detach('n'), ...round(DETACH))).toEqual([])
  })

  it('is silent about changes that were undone at once, as a failing changeset does', () => {
    expect(found(...round(ATTACH, 2), attach('n'), update('m'), update('m'), detach('n'))).toEqual([])
  })

  it('is silent about the boot, about a step in which a task died, and if no callback is ever called', () => {
    expect(found(attach('n', 0), ...round(ATTACH, 2))).toEqual([])
    expect(found(...round(ATTACH, 2), attach('n'), event('oops', { held: [] }))).toEqual([])
    expect(found(attach('n'))).toEqual([])
  })
})
