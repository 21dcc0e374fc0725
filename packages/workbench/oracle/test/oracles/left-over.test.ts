// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { chainOf, event, findingsOf, runOf, saysOf, type EventSketch } from '../support.ts'

const block = { head: 'of_reconfig_chain', callback: 'nx842_OF_notifier' }
const device = { object: 'vio_dev#2', device: 'ibm,compression-v1', driver: 'nx_compress_pseries' }
const inProbe = event('notifier.register', {
  ...block,
  task: 'insmod/3',
  chain: chainOf('blocking_notifier_chain_register < nx842_probe < really_probe < do_init_module'),
})
const inInit = event('notifier.register', {
  ...block,
  task: 'insmod/3',
  chain: chainOf('blocking_notifier_chain_register < nx842_pseries_init < do_one_initcall < do_init_module'),
})
const unregister = event('notifier.unregister', block, 2)
const bind = event('driver.bind', { ...device, task: 'insmod/3' })
const unbind = event('driver.unbind', device, 2)
const load = event('module.load', { module: 'nx_compress_pseries', result: 0, task: 'insmod/3' })
const unload = event('module.unload', { module: 'nx_compress_pseries', result: 0 }, 2)
const call = event(
  'notifier.call',
  { ...block, action: 1, result: 0, chain: chainOf('notifier_call_chain') },
  3,
)
const found = (...events: EventSketch[]) => saysOf('left-over', runOf([{}, {}, {}, {}], events))

describe('left-over', () => {
  it('fires on a callback that a probe registered and that is called after the driver was unbound', () => {
    const run = runOf([{}, {}, {}, {}], [inProbe, bind, load, unbind, call, call])
    expect(findingsOf('left-over', run)).toMatchObject([
      {
        oracle: 'left-over',
        kind: 'notifier-called',
        subject: 'nx842_OF_notifier',
        step: 3,
        count: 2,
        data: { chain: 'of_reconfig_chain', owner: 'nx_compress_pseries', left: 'unbound' },
        evidence: [{ kind: 'callback-called' }, { kind: 'callback-registered' }],
      },
    ])
  })

  it('fires if the probe failed, and if the module was unloaded or failed to load', () => {
    const failed = event('driver.probe-failed', { ...device, error: -12, task: 'insmod/3' })
    const refused = event('module.load', { module: 'nx_compress_pseries', result: -19, task: 'insmod/3' })
    expect(found(inProbe, failed, load, call)).toMatchObject([{ data: { left: 'probe-failed' } }])
    expect(found(inInit, load, unload, call)).toMatchObject([{ data: { left: 'unloaded' } }])
    expect(found(inInit, refused, call)).toMatchObject([{ data: { left: 'load-failed' } }])
  })

  it('is silent while the driver is bound, or the module loaded', () => {
    expect(found(inProbe, bind, load, call)).toEqual([])
    expect(found(inInit, load, call)).toEqual([])
  })

  it('is silent about a callback of the module if only a device of its driver is gone', () => {
    expect(found(inInit, bind, load, unbind, call)).toEqual([])
  })

  it('is silent after the callback was unregistered, or registered again', () => {
    expect(found(inProbe, bind, load, unbind, unregister, call)).toEqual([])
    const again = event('notifier.register', { ...block, chain: inProbe.chain }, 2)
    expect(found(inProbe, bind, load, unbind, again, call)).toEqual([])
  })

  const work = { queue: 'events', callback: 'clean_up' }
  const queued = (chain: string, step = 1) =>
    event('work.queue', { ...work, task: step === 1 ? 'insmod/3' : 'rmmod/4', chain: chainOf(chain) }, step)
  const ran = (step: number) => event('work.run', { ...work, task: 'kworker/events/9' }, step)
  const gone = event('module.unload', { module: 'm', result: 0, task: 'rmmod/4' }, 2)
  const exits = 'queue_work < m_exit < delete_module'

  it('fires on work that a probe queued and that is executed after the driver was unbound', () => {
    const run = runOf(
      [{}, {}, {}, {}],
      [queued('queue_work < m_probe < really_probe < do_init_module'), bind, load, unbind, ran(2)],
    )
    expect(findingsOf('left-over', run)).toMatchObject([
      {
        kind: 'work-run',
        subject: 'clean_up',
        step: 2,
        count: 1,
        data: { queue: 'events', owner: 'nx_compress_pseries', left: 'unbound' },
        evidence: [{ kind: 'work-run' }, { kind: 'work-queued' }],
      },
    ])
  })

  it('fires on work that a module queued in its exit or in a failed init, and that is executed later', () => {
    expect(found(queued(exits, 2), gone, ran(2))).toMatchObject([{ data: { owner: 'm', left: 'unloaded' } }])
    const refused = event('module.load', { module: 'm', result: -19, task: 'insmod/3' })
    expect(found(queued('queue_work < m_init < do_init_module'), refused, ran(1))).toMatchObject([
      { data: { owner: 'm', left: 'load-failed' } },
    ])
  })

  it('is silent about work that is executed before its owner leaves, or that other code queued', () => {
    expect(found(queued(exits, 2), ran(2), gone)).toEqual([])
    expect(found(queued('queue_work < m_init < do_init_module'), load, ran(1), unload)).toEqual([])
    expect(found(queued('queue_work < other'), load, unload, ran(3))).toEqual([])
  })

  it('is silent about callbacks of code that is never unloaded', () => {
    const builtIn = event('notifier.register', { ...block, chain: chainOf('f < do_one_initcall') }, 0)
    expect(found(builtIn, bind, unbind, unload, call)).toEqual([])
  })
})
