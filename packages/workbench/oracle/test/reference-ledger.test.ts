// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { holderOf, linuxFacts, type RunEvent } from '@pfo-workbench/run'
import type { Ledger } from '../src/ledger/ledger.ts'
import { ledgersOf } from '../src/ledger/reference-ledger.ts'
import { chainOf, detached, device, event, get, node, put, runOf, type EventSketch } from './support.ts'

const noReferences: Ledger = { outstanding: [], droppedBy: new Map(), thefts: [], handOvers: [] }
const inTask = (sketch: EventSketch, task: string): EventSketch => ({ ...sketch, task })
/** The ledger of a node that is in the tree at the end. */
const ledgerInTree = (sketches: readonly EventSketch[]): Ledger =>
  ledgersOf(runOf([{ nodes: [node('n')] }], sketches)).get('n') ?? noReferences
const ledgerOf = (sketches: readonly EventSketch[], object = 'n'): Ledger =>
  ledgersOf(runOf([{}], sketches)).get(object) ?? noReferences
const holders = (events: readonly RunEvent[]): string[] =>
  events.map((one) => holderOf(linuxFacts, one.chain)).sort()

/** A registration of the device `vio_dev-d`. @param caller - the function that registers the device, and its callers */
const registrationBy = (caller: string) =>
  event('device.register', {
    object: 'vio_dev-d',
    name: 'd',
    chain: chainOf(`device_add < device_register < ${caller}`),
  })

/** Ways in which a function takes a reference. */
const ways = [
  'kobject_get < of_node_get',
  'of_node_get < of_find_node_by_path',
  'of_node_get < __of_get_next_child < of_get_next_child',
]

const functions = ['rng_init', 'nx842_probe', 'add_dt_node', 'vio_register_device_node', 'of_attach_node']
const step = fc.record({
  who: fc.constantFrom(...functions),
  way: fc.constantFrom(...ways),
  drop: fc.boolean(),
})

describe('the ledger of references', () => {
  it('holds for each function the references that it took and did not drop, in any order of events', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const held = new Map<string, number>()
        const sketches: EventSketch[] = []
        for (const { who, way, drop } of steps) {
          const count = held.get(who) ?? 0
          if (drop && count === 0) continue
          held.set(who, drop ? count - 1 : count + 1)
          sketches.push(drop ? put('n', `kobject_put < of_node_put < ${who}`) : get('n', `${way} < ${who}`))
        }
        const { outstanding, thefts } = ledgerOf(sketches)
        expect(thefts).toEqual([])
        expect(holders(outstanding)).toEqual(
          [...held].flatMap(([who, count]) => Array<string>(count).fill(who)).sort(),
        )
      }),
    )
  })

  it('never loses a reference: outstanding references are those taken minus those dropped, but not below 0', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { outstanding, thefts } = ledgerOf(
          steps.map(({ who, way, drop }) =>
            drop ? put('n', `of_node_put < ${who}`) : get('n', `${way} < ${who}`),
          ),
        )
        const drops = steps.filter(({ drop }) => drop).length
        const overdrawn = thefts.filter(({ taken }) => taken === null).length
        expect(outstanding.length).toBe(steps.length - drops - (drops - overdrawn))
        for (const { put: drop } of thefts) expect(functions).toContain(holderOf(linuxFacts, drop.chain))
      }),
    )
  })

  describe('after a task died in a call', () => {
    const oops = (chain: string) => inTask(event('oops', { chain: chainOf(chain) }), 'a/1')
    const early = inTask(get('n', 'of_node_get < attach < setup'), 'a/1')
    const taken = inTask(get('n', 'of_node_get < remove < store'), 'a/1')
    const death = oops('BUG < notify < remove < store')
    const balanceOf = (...sketches: EventSketch[]) => {
      const { outstanding, thefts, handOvers } = ledgerOf(sketches)
      const robbed = thefts.flatMap((theft) => (theft.taken === null ? [] : [theft.taken]))
      return [holders(outstanding), holders(robbed), handOvers.map(({ taker }) => taker)]
    }

    it('a put drops an earlier reference of the same function rather than that of the call', () => {
      const notes = ['notify', 'announce'].map((name) => inTask(get('m', `of_node_get < ${name}`), 'a/1'))
      const first = inTask(get('n', 'of_node_get < attach < setup'), 'a/1')
      const other = inTask(get('n', 'of_node_get < init'), 'a/1')
      const puts = ['n', 'm'].map((object) => inTask(put(object, 'of_node_put < work', 2), 'b/2'))
      const last = { ...first, task: 'c/3' }
      const dies = { ...oops('BUG < attach < setup'), task: 'c/3' }
      const { outstanding } = ledgerOf([...notes, other, first, last, dies, ...puts])
      expect(outstanding.map(({ task }) => task)).toEqual(['a/1', 'c/3'])
    })

    it('no other function drops the reference of the call, if it can drop another', () => {
      const put2 = inTask(put('n', 'of_node_put < detach', 2), 'b/2')
      expect(balanceOf(early, taken, death, put2)).toEqual([['remove'], [], ['attach']])
      expect(balanceOf(early, taken, put2)).toEqual([['attach'], [], ['remove']])
    })

    it('a later call of the function drops only its own', () => {
      const again = inTask(get('n', 'of_node_get < remove < store', 2), 'b/2')
      const drop = inTask(put('n', 'of_node_put < remove < store', 2), 'b/2')
      expect(balanceOf(taken, death, again, drop)).toEqual([['remove'], [], []])
      expect(balanceOf(taken, death, again, drop, drop)).toEqual([[], ['remove'], []])
    })

    describe('the reference may have been stored', () => {
      const notify = 'notify < attach < store'
      const stored = inTask(get('n', `of_node_get < ${notify}`), 'a/1')
      const between = inTask(event('node.attach', { object: 'm', chain: chainOf('attach < store') }), 'a/1')
      const inNotify = oops(`BUG < ${notify}`)
      const byWorker = inTask(put('n', 'of_node_put < work'), 'w/3')
      const leaked = get('n', 'of_node_get < rng_init', 0)

      it('by an earlier call of the same function: it is not that of the call in which the task died', () => {
        expect(balanceOf(leaked, stored, between, inNotify, byWorker)).toEqual([['rng_init'], [], ['notify']])
        expect(balanceOf(leaked, stored, stored, inNotify, byWorker)).toEqual([
          ['notify', 'rng_init'],
          [],
          ['notify'],
        ])
        const lookedUp = [stored, inTask(put('n', `of_node_put < ${notify}`), 'a/1')]
        expect(balanceOf(leaked, stored, ...lookedUp, inNotify, byWorker)).toEqual([
          ['notify'],
          [],
          ['rng_init'],
        ])
      })

      it('so its put is no theft if nothing else was taken', () => {
        expect(balanceOf(stored, inNotify, byWorker)).toEqual([[], [], ['notify']])
        const later = inTask(put('n', 'of_node_put < notify < detach < store', 2), 'b/2')
        expect(balanceOf(stored, inNotify, later)).toEqual([[], [], []])
        expect(balanceOf(stored, inNotify, later, later)[1]).toEqual([])
        expect(balanceOf(leaked, stored, inNotify, later, later)[1]).toEqual(['rng_init'])
      })

      it('for a worker for which the task waits', () => {
        const hang = inTask(event('hang', { chain: chainOf(`flush_work < ${notify}`) }), 'a/1')
        expect(balanceOf(stored, hang, byWorker)).toEqual([[], [], ['notify']])
        expect(balanceOf(stored, hang, byWorker, byWorker)).toEqual([[], [], ['notify']])
        const device = get('n', 'of_node_get < vio_register_device_node', 0)
        expect(balanceOf(device, stored, hang, byWorker)).toEqual([
          ['vio_register_device_node'],
          [],
          ['notify'],
        ])
        expect(balanceOf(device, stored, hang, byWorker, byWorker)[1]).toEqual(['vio_register_device_node'])
      })
    })

    it('a reference that the call dropped before, or that another call took, is not affected', () => {
      const drop = inTask(put('n', 'of_node_put < remove < store'), 'a/1')
      expect(balanceOf(taken, drop, death)).toEqual([[], [], []])
      const put2 = inTask(put('n', 'of_node_put < detach', 2), 'b/2')
      expect(balanceOf(early, death, put2)).toEqual([[], [], ['attach']])
    })
  })

  it('knows which functions drop references of others by convention: detaching drops the reference of of_node_init', () => {
    const { outstanding, thefts } = ledgerOf([
      get('n', 'of_node_init < dlpar_parse_cc_node'),
      get('n', 'kobject_get < of_node_get < vio_register_device_node'),
      get('n', 'of_node_get < of_find_node_by_path < rng_init'),
      put('n', 'kobject_put < of_node_put < __of_detach_node_sysfs'),
      put('n', 'kobject_put < of_node_put < vio_dev_release'),
    ])
    expect(thefts).toEqual([])
    expect(holders(outstanding)).toEqual(['rng_init'])
  })

  it('assigns the drop of a lookup that goes on from a node to the reference that the lookup took', () => {
    const next = 'of_node_get < of_get_next_child < scan'
    const events = [
      get('n', next),
      get('n', 'of_node_get < scan'),
      put('n', 'of_node_put < of_get_next_child < scan'),
    ]
    const sequence = (sketches: readonly EventSketch[]) =>
      ledgerOf(sketches).outstanding.map(({ seq }) => seq)
    expect(sequence(events)).toEqual([1])
    expect(sequence([...events.slice(0, 2), put('n', 'of_node_put < scan')])).toEqual([0])
    expect(sequence([...events.slice(1, 2), ...events.slice(2)])).toEqual([])
  })

  it('knows the put of each reference that was dropped, by whichever function, but of no stolen one', () => {
    const { droppedBy } = ledgerOf([
      get('n', 'of_node_get < f'),
      put('n', 'of_node_put < f'),
      get('n', 'of_node_get < notify'),
      put('n', 'of_node_put < work'),
      get('n', 'of_node_get < vio_register_device_node'),
      put('n', 'of_node_put < vio_dev_release'),
      get('n', 'of_node_get < vio_register_device_node'),
      put('n', 'of_node_put < f'),
    ])
    expect([...droppedBy].map(([get, put]) => [get.seq, put.seq])).toEqual([
      [0, 1],
      [4, 5],
      [2, 3],
    ])
  })

  it('assigns a drop to the latest reference of the same function', () => {
    const { outstanding } = ledgerOf([
      get('n', 'of_node_get < f'),
      get('n', 'of_node_get < f'),
      put('n', 'of_node_put < f'),
    ])
    expect(outstanding.map(({ seq }) => seq)).toEqual([0])
  })

  it('ignores events that did not change the counter, such as a get on 0 under full checking', () => {
    const { outstanding, thefts } = ledgerOf([
      { ...get('n', 'of_node_get < f'), before: 0, after: 0 },
      { ...put('n', 'of_node_put < f'), before: 0, after: 0 },
      { ...put('n', 'of_node_put < g'), before: 0, after: 0 },
    ])
    expect([outstanding, thefts]).toEqual([[], []])
  })

  describe('calls it a theft', () => {
    const device = get('n', 'kobject_get < of_node_get < vio_register_device_node')
    const leaked = get('n', 'of_node_get < of_find_node_by_path < rng_init')

    it('when a node is detached a second time, and picks the reference that has an owner', () => {
      const init = get('n', 'of_node_init < populate_node')
      const detach = put('n', 'kobject_put < of_node_put < __of_detach_node_sysfs')
      const { outstanding, thefts } = ledgerOf([init, device, leaked, detach, detach])
      expect(holders(outstanding)).toEqual(['rng_init'])
      expect(thefts).toMatchObject([{ put: { seq: 4 }, taken: { seq: 1 } }])
    })

    it('when a function drops twice a reference that it took once', () => {
      const drop = put('n', 'of_node_put < delete_dt_node')
      const { outstanding, thefts } = ledgerOf([device, get('n', 'of_node_get < delete_dt_node'), drop, drop])
      expect(outstanding).toEqual([])
      expect(thefts).toMatchObject([{ put: { seq: 3 }, taken: { seq: 0 } }])
    })

    it('when a function drops twice a reference that a helper returned to it once', () => {
      const lookup = get('n', 'of_node_get < of_find_node_by_phandle < parse_node < do_remove_property')
      const drop = put('n', 'of_node_put < do_remove_property')
      const { outstanding, thefts } = ledgerOf([device, leaked, lookup, drop, drop])
      expect(holders(outstanding)).toEqual(['rng_init'])
      expect(thefts).toMatchObject([{ put: { seq: 4 }, taken: { seq: 0 } }])
      expect(ledgerOf([leaked, lookup, drop, lookup, drop, drop]).thefts).toMatchObject([
        { put: { seq: 5 }, taken: { seq: 0 } },
      ])
    })

    it('but not if the helper dropped its own reference, or the function drops each returned reference once', () => {
      const lookup = get('n', 'of_node_get < helper < work')
      const drop = put('n', 'of_node_put < work')
      const helped = ledgerOf([leaked, lookup, put('n', 'of_node_put < helper < work'), drop])
      expect(helped).toMatchObject({ outstanding: [], thefts: [] })
      const { outstanding, thefts } = ledgerOf([lookup, leaked, lookup, drop, drop])
      expect(thefts).toEqual([])
      expect(holders(outstanding)).toEqual(['rng_init'])
    })

    describe('when a function that took nothing', () => {
      const lookup = get('n', 'of_node_get < find_vio_slot_node < dlpar_remove_slot < remove_slot_store')
      const drop = put('n', 'of_node_put < dlpar_remove_vio_slot < dlpar_remove_slot < remove_slot_store')

      it('drops twice a reference that its caller took once', () => {
        const { outstanding, thefts } = ledgerOf([device, leaked, lookup, drop, drop])
        expect(holders(outstanding)).toEqual(['rng_init'])
        expect(thefts).toMatchObject([{ put: { seq: 4 }, taken: { seq: 0 } }])
        expect(ledgerOf([device, lookup, lookup, drop, drop]).thefts).toEqual([])
      })

      it('but not if another call of the caller, or of another function, took the reference', () => {
        const later = { ...drop, step: 2 }
        const other = get('n', 'of_node_get < find_vio_slot_node < dlpar_add_slot < add_slot_store', 2)
        expect(ledgerOf([device, leaked, lookup, later, later]).thefts).toEqual([])
        expect(ledgerOf([device, leaked, other, later, later]).thefts).toEqual([])
      })

      it('but not if another function drops the reference of the caller', () => {
        const stored = get('n', 'of_node_get < attach < setup')
        const other = put('n', 'of_node_put < put_found < dlpar_remove_slot < remove_slot_store')
        const { outstanding, thefts } = ledgerOf([device, stored, lookup, other, drop])
        expect([holders(outstanding), thefts]).toEqual([['vio_register_device_node'], []])
      })

      it('but not if it is the only reference of the caller, and a call of the function lost one before', () => {
        const lost = get('n', 'of_node_get < parse_node < dlpar_remove_vio_slot < other_store')
        const { outstanding, thefts } = ledgerOf([device, lost, lookup, drop])
        expect([holders(outstanding), thefts]).toEqual([['parse_node', 'vio_register_device_node'], []])
      })

      it.each(['process_one_work < worker_thread', 'notifier_call_chain < notify_all', 'do_one_initcall'])(
        'but not if another callback of the same %s took a reference, which it keeps',
        (dispatcher) => {
          const older = get('n', 'of_node_get < notify < store', 0)
          const kept = get('n', `of_node_get < other < ${dispatcher}`)
          const dropped = put('n', `of_node_put < own < ${dispatcher}`)
          expect(ledgerOf([device, older, older, kept, dropped, dropped]).thefts).toEqual([])
        },
      )
    })

    it('when a function that took nothing drops a reference that only another one may drop', () => {
      const { thefts } = ledgerOf([device, put('n', 'of_node_put < nx842_probe')])
      expect(thefts).toMatchObject([{ put: { seq: 1 }, taken: { seq: 0 } }])
    })

    it('when no reference is left to drop', () => {
      expect(ledgerOf([put('n', 'of_node_put < f')]).thefts).toMatchObject([{ put: { seq: 0 }, taken: null }])
    })
  })

  describe('calls it no theft', () => {
    const device = get('n', 'of_node_get < vio_register_device_node', 0)
    const summary = ({ outstanding, thefts }: Ledger) => [
      holders(outstanding),
      holders(thefts.flatMap(({ taken }) => (taken === null ? [] : [taken]))),
    ]

    it('when the maker of a node that was never in the tree drops its initial reference', () => {
      const init = get('n', 'of_node_init < __of_node_dup < copy')
      const drop = put('n', 'of_node_put < __of_node_dup < copy')
      const free = put('n', 'of_node_put < dlpar_free_one_cc_node < dlpar_free_cc_nodes < add_dt_node')
      for (const last of [drop, free])
        expect(
          summary(ledgersOf(runOf([{ nodes: [detached('n')] }], [init, last])).get('n') ?? noReferences),
        ).toEqual([[], []])
      expect(summary(ledgerInTree([init, free]))).toEqual([[], ['of_node_init']])
    })

    it('when a helper drops what its caller just took for a device, unless the device was registered', () => {
      const register = 'vio_register_device_node < add'
      const free = put('n', `of_node_put < vio_free_dev < ${register}`, 0)
      const taken = get('n', `of_node_get < ${register}`, 0)
      const registered = registrationBy(register)
      expect(summary(ledgerOf([taken, free]))).toEqual([[], []])
      expect(summary(ledgerOf([taken, { ...registered, step: 0 }, free]))).toEqual([
        [],
        ['vio_register_device_node'],
      ])
    })

    it('when another call of the dropper stored what a lookup returned', () => {
      const handle = 'handle_event < process_one_work < worker_thread'
      const queued = (step: number) =>
        get('n', 'of_node_get < queue_event < notifier_call_chain < store', step)
      const ofWorker = (...sketches: EventSketch[]) => sketches.map((one) => inTask(one, 'w/1'))
      const balanced = [
        device,
        queued(1),
        ...ofWorker(get('n', `of_node_get < alloc_slot < ${handle}`), put('n', `of_node_put < ${handle}`)),
        queued(2),
        ...ofWorker(
          put('n', `of_node_put < free_slot < ${handle}`, 2),
          put('n', `of_node_put < ${handle}`, 2),
        ),
      ]
      expect(summary(ledgerOf(balanced))).toEqual([['vio_register_device_node'], []])
    })

    it('when the dropper drops a passed reference later', () => {
      const swap = 'swap < work < process_one_work'
      const dead = [
        get('n', 'of_node_get < publish < store'),
        event('oops', { chain: chainOf('BUG < publish < store') }),
      ].map((one) => inTask(one, 'a/1'))
      const swapped = [
        put('n', `of_node_put < ${swap}`),
        get('n', `of_node_get < find < ${swap}`),
        put('n', `of_node_put < ${swap}`),
      ].map((one) => inTask(one, 'w/2'))
      expect(summary(ledgerOf([device, ...dead, ...swapped]))).toEqual([['vio_register_device_node'], []])
    })

    it('when a function took a reference in another call, and drops the one that its caller passed', () => {
      const own = [get('n', 'of_node_get < next_slot < scan'), put('n', 'of_node_put < next_slot < scan')]
      const found = get('n', 'of_node_get < of_find_node_by_path < resume < store', 2)
      const passed = put('n', 'of_node_put < next_slot < resume < store', 2)
      for (const events of [
        [device, ...own, found, passed],
        [device, found, passed, ...own],
      ])
        expect(summary(ledgerOf(events))).toEqual([['vio_register_device_node'], []])
      // The lookup may also be that of another function which the caller called.
      const first = get('n', 'of_node_get < of_get_next_child < first_slot < resume < store', 2)
      expect(summary(ledgerOf([device, ...own, first, passed]))).toEqual([['vio_register_device_node'], []])
      const again = get('n', 'of_node_get < next_slot < resume < store', 2)
      expect(summary(ledgerOf([device, found, again, passed, passed]))).toEqual([
        ['resume'],
        ['vio_register_device_node'],
      ])
    })

    it.each(['notifier_call_chain < of_reconfig_notify', 'device_for_each_child'])(
      'when a callback of %s kept a reference below the caller, which passed none',
      (caller) => {
        const update = 'update_slot < store'
        const stored = get('n', 'of_node_get < alloc_slot < setup', 0)
        const kept = get('n', `of_node_get < keep < ${caller} < ${update}`)
        const free = put('n', `of_node_put < free_slot < ${update}`)
        const { thefts, outstanding } = ledgerOf([device, stored, stored, kept, free, free])
        expect(thefts).toEqual([])
        expect(outstanding).toHaveLength(2)
      },
    )

    it('when a helper drops the reference of its caller, and not that of a probe below the caller', () => {
      const probe = 'rng_probe < vio_bus_probe < really_probe < device_add < register < scan < store'
      const { thefts, outstanding } = ledgerOf([
        get('n', 'of_node_get < of_find_node_by_path < scan < store'),
        get('n', `of_node_get < ${probe}`),
        put('n', 'of_node_put < put_found < scan < store'),
      ])
      expect([holders(outstanding), thefts]).toEqual([['rng_probe'], []])
    })
  })

  describe('knows what a callback or a probe may return to the functions above it', () => {
    const device = get('n', 'of_node_get < vio_register_device_node', 0)
    const balanceOf = (...sketches: EventSketch[]) => {
      const { outstanding, thefts } = ledgerOf(sketches)
      return [holders(outstanding), thefts.map(({ put: drop }) => holderOf(linuxFacts, drop.chain))]
    }

    it.each(['bus_for_each_dev', 'class_for_each_device < find_slot'])(
      'the callback of %s shares data with the caller: it may return a reference',
      (iterator) => {
        const found = get('n', 'of_node_get < of_find_node_by_path < remove_slot_store')
        const matched = get('n', `of_node_get < match_slot < ${iterator} < remove_slot_store`)
        const drop = put('n', 'of_node_put < put_found < remove_slot_store')
        expect(balanceOf(device, found, matched, drop, drop)).toEqual([['vio_register_device_node'], []])
        expect(balanceOf(device, found, matched, drop, drop, drop)[1]).toEqual(['put_found'])
      },
    )

    it.each([
      ['a probe', 'nx842_probe < vio_bus_probe < really_probe < bus_for_each_dev < driver_register'],
      ['a notifier', 'slot_notify < notifier_call_chain < driver_register'],
    ])('%s leaves its reference: a function above may drop it besides that of its lookup', (_, taker) => {
      const call = 'nx842_init < do_one_initcall'
      const found = get('n', `of_node_get < of_find_node_by_path < find_facility < ${call}`)
      const left = get('n', `of_node_get < ${taker} < ${call}`)
      const drop = put('n', `of_node_put < ${call}`)
      expect(balanceOf(device, found, drop, left, drop)).toEqual([['vio_register_device_node'], []])
      expect(balanceOf(device, found, drop, left, drop, drop)).toEqual([[], ['nx842_init']])
    })

    it('a probe keeps its reference: a function above may drop what another function stored', () => {
      const stored = get('n', 'of_node_get < alloc_slot < setup', 0)
      const kept = get(
        'n',
        'of_node_get < rng_probe < vio_bus_probe < really_probe < register < scan < store',
      )
      const drop = put('n', 'of_node_put < scan < store')
      const [open, thefts] = balanceOf(device, stored, stored, kept, drop, drop)
      expect([open?.length, thefts]).toEqual([2, []])
    })
  })

  it('lets a worker drop what another task queued for it, besides what a lookup returned to the worker', () => {
    const device = get('n', 'of_node_get < vio_register_device_node', 0)
    const handle = 'handle_event < process_one_work < worker_thread'
    const queued = (object: string) =>
      inTask(get(object, 'of_node_get < queue_event < notifier_call_chain < store'), 'a/1')
    const found = inTask(get('n', `of_node_get < find_slot < ${handle}`), 'w/1')
    const drop = (object: string) => inTask(put(object, `of_node_put < ${handle}`), 'w/1')
    const events = [device, queued('n'), found, drop('n'), drop('n')]
    for (const all of [events, [...events, queued('m'), drop('m')]])
      expect(ledgerOf(all)).toMatchObject({ thefts: [], outstanding: [{ seq: 0 }] })
    expect(ledgerOf([device, found, drop('n'), drop('n')]).thefts).toMatchObject([{ taken: { seq: 0 } }])
    // Without the frames of the function that runs deferred calls.
    const alone = [
      get('n', 'of_node_get < find_slot < handle'),
      ...Array<EventSketch>(2).fill(put('n', 'of_node_put < handle')),
    ]
    expect(ledgerOf([device, queued('n'), ...alone.map((one) => inTask(one, 'w/1'))]).thefts).toEqual([])
  })

  it('does not let a worker drop what another function drops later', () => {
    const handle = 'handle_event < process_one_work < worker_thread'
    const events = [
      get('n', 'of_node_get < vio_register_device_node', 0),
      get('n', 'of_node_get < alloc_slot < setup', 0),
      inTask(get('n', `of_node_get < find_slot < ${handle}`), 'w/1'),
      inTask(put('n', `of_node_put < ${handle}`), 'w/1'),
      inTask(put('n', `of_node_put < ${handle}`), 'w/1'),
      put('n', 'of_node_put < free_slot < remove_store', 2),
    ]
    expect(ledgerOf(events)).toMatchObject({
      outstanding: [],
      thefts: [{ put: { seq: 4 }, taken: { seq: 0 } }],
    })
  })

  it('does not let a function that drops its own references drop what another one stored', () => {
    const device = get('n', 'of_node_get < vio_register_device_node', 0)
    const call = 'check_slot < add_slot < store'
    const own = [get('n', `of_node_get < ${call}`), put('n', `of_node_put < ${call}`)]
    const stored = get('n', 'of_node_get < alloc_slot < add_slot < store', 2)
    const surplus = put('n', `of_node_put < ${call}`, 2)
    const free = put('n', 'of_node_put < free_slot < remove_slot < store', 3)
    for (const after of [[], [free]])
      expect(ledgerOf([device, ...own, stored, surplus, ...after]).thefts).toMatchObject([
        { put: { seq: 4 }, taken: { seq: 0 } },
      ])
  })

  it.each(['really_probe < bus_probe_device', 'notifier_call_chain'])(
    'calls a surplus put below %s a theft, even if the task dies before it has registered the device',
    (caller) => {
      const register = 'vio_register_device_node < scan'
      const probe = `nx842_probe < ${caller} < device_add < device_register < ${register}`
      const { thefts } = ledgerOf([
        get('n', `of_node_get < ${register}`),
        put('n', `of_node_put < ${probe}`),
        event('oops', { chain: chainOf(`BUG < ${probe}`) }),
      ])
      expect(thefts).toMatchObject([{ put: { seq: 1 }, taken: { seq: 0 } }])
    },
  )

  it('calls a surplus put in a helper a theft if the reference is not for a device', () => {
    const ofChangeset = [
      get('n', 'of_node_get < of_changeset_action < update'),
      put('n', 'of_node_put < check_entry < of_changeset_action < update'),
    ]
    expect(ledgerOf(ofChangeset).thefts).toMatchObject([{ put: { seq: 1 }, taken: { seq: 0 } }])
  })

  it('lets a callback of an iterator be a helper of the function that takes a reference for a device', () => {
    const register = 'vio_register_device_node < scan'
    const undo = put('n', `of_node_put < undo < device_for_each_child < ${register}`)
    expect(ledgerOf([get('n', `of_node_get < ${register}`), undo]).thefts).toEqual([])
  })

  it('lets a function retry: what a helper drops before the first try fails is not for the device', () => {
    const register = 'vio_register_device_node < scan'
    const taken = get('n', `of_node_get < ${register}`)
    const free = put('n', `of_node_put < vio_free_dev < ${register}`)
    const registered = registrationBy(register)
    expect(ledgerOf([taken, free, taken, registered])).toMatchObject({
      thefts: [],
      outstanding: [{ seq: 2 }],
    })
    expect(ledgerOf([taken, registered, free]).thefts).toHaveLength(1)
    // The second device fails.
    const release = put('n', 'of_node_put < vio_dev_release')
    expect(ledgerOf([taken, registered, release, taken, free]).thefts).toEqual([])
  })

  it('calls a put of a helper a theft if the device is registered later, without a reference', () => {
    const register = 'vio_register_device_node < scan'
    const registered = registrationBy(register)
    const setUp = put('n', `of_node_put < vio_setup < ${register}`)
    expect(ledgerOf([get('n', `of_node_get < ${register}`), setUp, registered]).thefts).toMatchObject([
      { put: { seq: 1 }, taken: { seq: 0 } },
    ])
  })

  it('calls a second drop of a returned reference a theft, whatever the function drops on other objects', () => {
    const device = get('n', 'of_node_get < vio_register_device_node', 0)
    const leaked = (object: string) => get(object, 'of_node_get < of_find_node_by_path < rng_init', 0)
    const look = get('n', 'of_node_get < of_find_node_by_phandle < parse_node < do_remove_property')
    const drop = (object: string) => put(object, 'of_node_put < do_remove_property')
    const events = [device, leaked('n'), look, drop('n'), drop('n')]
    for (const all of [events, [...events, leaked('m'), drop('m')]])
      expect(ledgerOf(all).thefts).toMatchObject([{ put: { seq: 4 }, taken: { seq: 0 } }])
  })

  describe('calls it a hand-over', () => {
    const notify = (object: string) => get(object, 'of_node_get < notify')
    const work = (object: string) => put(object, 'of_node_put < work')
    const leaked = (object: string) => get(object, 'of_node_get < rng_init')

    it('when a function that took nothing drops a reference that no other function will drop', () => {
      expect(ledgerOf([notify('n'), work('n')])).toMatchObject({ outstanding: [], thefts: [] })
    })

    it('when a function drops by convention, but another function than usual took the reference', () => {
      const release = put('n', 'of_node_put < vio_dev_release')
      const ofScan = get('n', 'of_node_get < scan')
      const init = get('n', 'of_node_init < populate_node')
      const moved = ledgerInTree([init, ofScan, release])
      expect({ open: holders(moved.outstanding), thefts: moved.thefts }).toEqual({
        open: ['of_node_init'],
        thefts: [],
      })
      const usual = get('n', 'of_node_get < vio_register_device_node')
      const both = ledgerInTree([init, ofScan, usual, release, release])
      expect(both.thefts.map(({ taken }) => taken && holderOf(linuxFacts, taken.chain))).toEqual([
        'of_node_init',
      ])
      expect(ledgerInTree([init, release]).thefts).toMatchObject([{ taken: { seq: 0 } }])
    })

    describe('when the release of a device drops a reference that was taken', () => {
      const register = 'vio_register_device_node < scan < do_one_initcall'
      const released = put('n', 'of_node_put < vio_dev_release', 2)
      const states = [
        {},
        { nodes: [node('n'), node('m')], vio: [device('d', 'n'), device('e', 'm')] },
        { nodes: [detached('n')] },
      ]
      const registered = registrationBy(register)
      const ofRng = get('n', 'of_node_get < of_find_node_by_path < rng_init < do_one_initcall')
      const balanceOf = (...events: readonly EventSketch[]) => {
        const { outstanding, thefts } = ledgersOf(runOf(states, events)).get('n') ?? noReferences
        return [holders(outstanding), holders(thefts.flatMap(({ taken }) => (taken === null ? [] : [taken])))]
      }

      it.each([
        ['by a helper', `helper < ${register}`],
        ['by a caller', 'scan < do_one_initcall'],
        ['beside the registration', 'take_next < scan < do_one_initcall'],
      ])('%s', (_, taker) => {
        const ofDevice = get('n', `of_node_get < ${taker}`)
        expect(balanceOf(ofDevice, registered, ofRng, released)).toEqual([['rng_init'], []])
      })

      it('but not by a function that has nothing to do with it: that is a theft', () => {
        expect(balanceOf(registered, ofRng, released)).toEqual([[], ['rng_init']])
        expect(balanceOf(registered, ofRng, { ...released, step: 1 })).toEqual([[], ['rng_init']])
      })

      it('even if no registration succeeds', () => {
        const failed = event('device.register', { object: 'vio_dev-e', name: 'e', chain: registered.chain })
        const ofDevice = get('n', `of_node_get < helper < ${register}`)
        expect(balanceOf(ofDevice, failed, ofRng, released)).toEqual([['rng_init'], []])
      })

      it.each([
        ['a theft if the device was registered', [registered, ofRng, released], [1]],
        ['a hand-over if no device was', [ofRng, released], []],
      ])('in the boot, whatever the runs do that start from it: %s', (_, sketches, stolen) => {
        const boot = runOf(
          states,
          sketches.map((sketch) => ({ ...sketch, step: 0 })),
        )
        const other = { ...registered, object: 'vio_dev-e', name: 'e' }
        for (const later of [[], [other], [other, put('m', 'of_node_put < vio_dev_release')]]) {
          const { events } = runOf(states, [...boot.events, ...later])
          const run = { ...boot, events: [...boot.events, ...events.slice(boot.events.length)] }
          const ledger = ledgersOf(run).get('n') ?? noReferences
          expect(ledger.thefts.map(({ taken }) => taken?.seq)).toEqual(stolen)
          // The copy shares no event with another run.
          expect(ledger).toEqual(ledgersOf(structuredClone(run)).get('n'))
        }
      })

      it('or for a device of another node', () => {
        const other = { ...registered, object: 'vio_dev-e', name: 'e' }
        const byScan = get('n', 'of_node_get < scan < do_one_initcall')
        expect(balanceOf(byScan, other, released)).toEqual([[], ['scan']])
        expect(balanceOf(byScan, { ...other, object: 'vio_dev-f' }, released)).toEqual([[], []])
        expect(
          balanceOf(byScan, { ...other, chain: chainOf('device_add < register < scan') }, released),
        ).toEqual([[], []])
      })

      it('before it', () => {
        const later = get('n', `of_node_get < helper < ${register}`)
        expect(ledgersOf(runOf(states, [registered, released, later])).get('n')?.thefts).toMatchObject([
          { taken: null },
        ])
      })
    })

    it('from the latest taker', () => {
      expect(holders(ledgerOf([leaked('n'), notify('n'), work('n')]).outstanding)).toEqual(['rng_init'])
    })

    it('from the only possible taker, as other objects show', () => {
      const events = [notify('n'), leaked('n'), work('n'), notify('m'), work('m')]
      expect(holders(ledgerOf(events).outstanding)).toEqual(['rng_init'])
    })

    it('from the takers that are possible on each object, even if no object has only one', () => {
      const other = (object: string) => get(object, 'of_node_get < other')
      const events = [notify('n'), leaked('n'), work('n'), notify('m'), other('m'), work('m')]
      expect(holders(ledgerOf(events).outstanding)).toEqual(['rng_init'])
      expect(holders(ledgerOf(events, 'm').outstanding)).toEqual(['other'])
    })

    it('but learns nothing from an object on which an earlier put had several possible takers', () => {
      const other = put('m', 'of_node_put < other')
      const events = [leaked('m'), notify('m'), other, work('m'), leaked('n'), notify('n'), work('n')]
      expect(holders(ledgerOf(events).outstanding)).toEqual(['rng_init'])
    })
  })

  describe('of a kernel that takes a reference in __of_attach_node_sysfs', () => {
    const facts = {
      ...linuxFacts,
      dropsFor: { ...linuxFacts.dropsFor, __of_detach_node_sysfs: ['__of_attach_node_sysfs'] },
    }
    const remove = 'remove < do_remove < ofdt_write'
    const attached = [
      get('n', 'of_node_init < add < ofdt_write'),
      get('n', 'of_node_get < __of_attach_node_sysfs < of_attach_node < add < ofdt_write'),
      event('node.attach', {
        object: 'n',
        chain: chainOf('__of_attach_node < of_attach_node < add < ofdt_write'),
      }),
    ]
    /** The node is a parent: the function takes and drops a reference on it when it removes a child. */
    const child = [
      get('n', `of_node_get < of_get_parent < ${remove}`, 2),
      put('n', `of_node_put < ${remove}`, 2),
    ]
    const lookup = get('n', 'of_node_get < of_find_node_by_path < do_remove < ofdt_write', 3)
    const detaching = [
      event(
        'node.detach',
        { object: 'n', chain: chainOf(`__of_detach_node < of_detach_node < ${remove}`) },
        3,
      ),
      put('n', `of_node_put < __of_detach_node_sysfs < of_detach_node < ${remove}`, 3),
    ]
    const byRemove = put('n', `of_node_put < ${remove}`, 3)
    const byCaller = put('n', 'of_node_put < do_remove < ofdt_write', 3)
    const removed = [...attached, ...child, lookup, ...detaching]
    const balanceOf = (events: readonly EventSketch[], inTree = false) => {
      const run = { ...runOf([{ nodes: [inTree ? node('n') : detached('n')] }], events), facts }
      const { outstanding, thefts } = ledgersOf(run).get('n') ?? { outstanding: [], thefts: [] }
      const stolen = thefts.map(({ put, taken }) => [
        holderOf(facts, put.chain),
        taken === null ? null : holderOf(facts, taken.chain),
      ])
      return { open: holders(outstanding), stolen }
    }

    it('lets the function that detaches a node drop its initial reference, even if it took others before', () => {
      expect(balanceOf([...removed, byCaller])).toEqual({ open: ['of_node_init'], stolen: [] })
      expect(balanceOf([...removed, byRemove, byCaller])).toEqual({ open: [], stolen: [] })
    })

    it('calls it a theft if it drops the reference twice, or its caller does', () => {
      const device = get('n', 'of_node_get < vio_register_device_node')
      const stolen = (dropper: string) => ({ open: [], stolen: [[dropper, 'vio_register_device_node']] })
      const before = [...attached, device, ...child, lookup, ...detaching]
      expect(balanceOf([...before, byRemove, byRemove, byCaller])).toEqual(stolen('remove'))
      expect(balanceOf([...before, byRemove, byCaller, byCaller])).toEqual(stolen('do_remove'))
    })

    // The lookup owes one put and the detach owes another, whatever their order.
    it('lets a function that detaches a node drop its initial reference besides that of its own lookup', () => {
      const held = get('n', 'of_node_get < do_remove < ofdt_write', 3)
      const balanced = { open: [], stolen: [] }
      expect(balanceOf([...removed, byCaller, byCaller])).toEqual(balanced)
      expect(balanceOf([...attached, held, ...detaching, byCaller, byCaller])).toEqual(balanced)
      expect(balanceOf([...attached, lookup, byCaller, byCaller, ...detaching])).toEqual(balanced)
      expect(balanceOf([...attached, lookup, byCaller, ...detaching, byCaller])).toEqual(balanced)
      const found = get('n', 'of_node_get < of_find_node_by_path < find < do_remove < ofdt_write', 3)
      expect(balanceOf([...attached, found, ...detaching, byCaller, byCaller])).toEqual(balanced)
      expect(balanceOf([...attached, held, found, ...detaching, byCaller, byCaller, byCaller])).toEqual(
        balanced,
      )
    })

    it('calls it a theft if the function drops one reference more than those two', () => {
      const device = get('n', 'of_node_get < vio_register_device_node')
      const stolen = { open: [], stolen: [['do_remove', 'vio_register_device_node']] }
      const three = [byCaller, byCaller, byCaller]
      expect(balanceOf([...attached, device, lookup, ...detaching, ...three])).toEqual(stolen)
      expect(balanceOf([...attached, device, lookup, ...three, ...detaching])).toEqual(stolen)
      expect(balanceOf([...removed, ...three])).toEqual({ open: [], stolen: [['do_remove', null]] })
    })

    it('lets it drop one reference more than it took, however many, and wherever the detach is', () => {
      const held = get('n', 'of_node_get < do_remove < ofdt_write', 3)
      const sizes = { taken: fc.nat(3), surplus: fc.nat(3), before: fc.nat(6) }
      fc.assert(
        fc.property(fc.record(sizes), ({ taken, surplus, before }) => {
          const puts = Array<EventSketch>(taken + surplus).fill(byCaller)
          const gets = Array<EventSketch>(taken).fill(held)
          const late = puts.slice(before)
          const { open, stolen } = balanceOf([
            ...attached,
            ...gets,
            ...puts.slice(0, before),
            ...detaching,
            ...late,
          ])
          expect(open).toEqual(surplus === 0 ? ['of_node_init'] : [])
          expect(stolen.length).toBe(Math.max(0, surplus - 1))
        }),
      )
    })

    it('does the same if __of_detach_node_sysfs should drop the initial reference but does not', () => {
      const patched = { ...facts, dropsFor: linuxFacts.dropsFor }
      const init = get('n', 'of_node_init < add < ofdt_write')
      const detach = detaching.slice(0, 1)
      const stolenFrom = (...events: readonly EventSketch[]) => {
        const run = { ...runOf([{ nodes: [detached('n')] }], events), facts: patched }
        return ledgersOf(run)
          .get('n')
          ?.thefts.map(({ taken }) => taken && holderOf(patched, taken.chain))
      }
      expect(stolenFrom(init, lookup, ...detach, byCaller, byCaller)).toEqual([])
      expect(stolenFrom(init, lookup, ...detach, byCaller, byCaller, byCaller)).toEqual([null])
      expect(stolenFrom(init, lookup, byCaller, byCaller)).toEqual(['of_node_init'])
      const dropped = put('n', `of_node_put < __of_detach_node_sysfs < of_detach_node < ${remove}`, 3)
      expect(stolenFrom(init, lookup, ...detach, dropped, byCaller, byCaller)).toEqual([null])
      const inVain = { ...dropped, before: 0, after: 0 }
      expect(stolenFrom(init, lookup, byCaller, byCaller, ...detach, inVain)).toEqual(['of_node_init'])
      const guard = get('n', `of_node_get < __of_detach_node_sysfs < of_detach_node < ${remove}`, 3)
      expect(stolenFrom(init, lookup, guard, ...detach, dropped, byCaller, byCaller)).toEqual([])
    })

    it('calls it a theft if another function drops the initial reference in this call', () => {
      const device = get('n', 'of_node_get < vio_register_device_node')
      const inner = put('n', `of_node_put < ${remove}`, 3)
      const stolen = { open: [], stolen: [['do_remove', 'vio_register_device_node']] }
      expect(balanceOf([...attached, device, lookup, byCaller, byCaller, ...detaching, inner])).toEqual(
        stolen,
      )
    })

    it('calls it a theft if the function drops two references, but detaches the node in another step or not', () => {
      const later = detaching.map((one) => ({ ...one, step: 4 }))
      expect(balanceOf([...attached, lookup, byCaller, byCaller, ...later]).stolen).toEqual([
        ['do_remove', 'of_node_init'],
      ])
      expect(balanceOf([...attached, lookup, byCaller, byCaller], true)).toEqual({
        open: ['of_node_init'],
        stolen: [['do_remove', '__of_attach_node_sysfs']],
      })
    })

    it('calls it a theft if the node is in the tree, or is detached by another call', () => {
      const elsewhere = put('n', 'of_node_put < remove < other < ofdt_write', 4)
      expect(balanceOf([...attached, ...child, put('n', `of_node_put < ${remove}`, 3)], true)).toEqual({
        open: ['of_node_init'],
        stolen: [['remove', '__of_attach_node_sysfs']],
      })
      expect(balanceOf([...removed, byCaller, elsewhere])).toEqual({
        open: [],
        stolen: [['remove', 'of_node_init']],
      })
    })

    it('hands over the initial reference of a node in the tree only to the function that made the node', () => {
      const stranger = put('n', 'of_node_put < stranger', 2)
      expect(balanceOf([...attached, stranger], true).stolen).toEqual([
        ['stranger', '__of_attach_node_sysfs'],
      ])
      const maker = put('n', 'of_node_put < add < ofdt_write')
      expect(balanceOf([...attached, maker], true)).toEqual({ open: ['__of_attach_node_sysfs'], stolen: [] })
    })

    it('leaves the initial reference to the tree, and drops the one that a lookup returned', () => {
      const found = get('n', 'of_node_get < of_find_node_by_path < find < do_remove < ofdt_write', 3)
      const { open, stolen } = balanceOf([...attached, found, ...detaching, byCaller])
      expect({ open, stolen }).toEqual({ open: ['of_node_init'], stolen: [] })
    })
  })
})
