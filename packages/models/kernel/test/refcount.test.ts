// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  kref,
  kref_get,
  kref_init,
  kref_put,
  refcount_add,
  refcount_dec,
  refcount_dec_and_test,
  refcount_inc,
  refcount_inc_not_zero,
  refcount_t,
} from '../src/index.ts'
import { consoleOf, eventsOf, run } from '../src/testing.ts'
import { boot } from './support.ts'

const UINT_MAX = 0xffffffff

function counterAt(refs: number): refcount_t {
  const r = new refcount_t(() => 'node')
  r.refs = refs
  return r
}

type Operation = (r: refcount_t) => unknown

/** Returns the effect of an operation on a counter: value, result, console text and recorded fault. */
function play(refcount: 'plain' | 'full', refs: number, operation: Operation): object {
  const machine = boot({ refcount })
  const r = counterAt(refs)
  let result: unknown
  const lines = consoleOf(machine, () => {
    result = run(machine, () => operation(r))
  })
  return {
    refs: r.refs,
    result,
    text: lines[0] === '------------[ cut here ]------------' ? lines[1] : undefined,
    fault: eventsOf(machine, 'ref.fault').map((event) => event.fault),
  }
}

describe('a plain counter', () => {
  it.each<[string, number, Operation, object]>([
    ['inc at 0 gives 1', 0, refcount_inc, { refs: 1, fault: ['increment-on-0'] }],
    ['inc wraps at UINT_MAX', UINT_MAX, refcount_inc, { refs: 0, fault: [] }],
    ['inc reaches UINT_MAX', UINT_MAX - 1, refcount_inc, { refs: UINT_MAX, fault: [] }],
    ['add at 0 counts', 0, (r) => refcount_add(2, r), { refs: 2, fault: ['addition-on-0'] }],
    ['add wraps', UINT_MAX, (r) => refcount_add(2, r), { refs: 1, fault: [] }],
    ['dec_and_test at 1 returns true', 1, refcount_dec_and_test, { refs: 0, result: true, fault: [] }],
    ['dec_and_test at 2 returns false', 2, refcount_dec_and_test, { refs: 1, result: false, fault: [] }],
    [
      'dec_and_test at 0 wraps and returns false',
      0,
      refcount_dec_and_test,
      { refs: UINT_MAX, result: false, fault: ['underflow'] },
    ],
    ['dec to 0 is silent', 1, refcount_dec, { refs: 0, fault: ['decrement-hit-0'] }],
    ['dec counts', 3, refcount_dec, { refs: 2, fault: [] }],
    ['inc_not_zero at 0 refuses', 0, refcount_inc_not_zero, { refs: 0, result: false, fault: [] }],
    ['inc_not_zero counts', 1, refcount_inc_not_zero, { refs: 2, result: true, fault: [] }],
  ])('%s, and prints nothing', (_what, refs, operation, expected) => {
    expect(play('plain', refs, operation)).toMatchObject({ ...expected, text: undefined })
  })
})

describe('a full counter', () => {
  it.each<[string, number, Operation, object]>([
    [
      'inc at 0 stays 0 and warns',
      0,
      refcount_inc,
      { refs: 0, text: 'refcount_t: increment on 0; use-after-free.', fault: ['increment-on-0'] },
    ],
    [
      'inc to UINT_MAX warns',
      UINT_MAX - 1,
      refcount_inc,
      { refs: UINT_MAX, text: 'refcount_t: saturated; leaking memory.', fault: ['saturated'] },
    ],
    ['inc at UINT_MAX stays there', UINT_MAX, refcount_inc, { refs: UINT_MAX, text: undefined, fault: [] }],
    ['inc counts', 1, refcount_inc, { refs: 2, text: undefined, fault: [] }],
    [
      'add at 0 stays 0 and warns',
      0,
      (r) => refcount_add(2, r),
      { refs: 0, text: 'refcount_t: addition on 0; use-after-free.', fault: ['addition-on-0'] },
    ],
    [
      'add past UINT_MAX saturates and warns',
      UINT_MAX - 1,
      (r) => refcount_add(5, r),
      { refs: UINT_MAX, text: 'refcount_t: saturated; leaking memory.', fault: ['saturated'] },
    ],
    [
      'add at UINT_MAX stays there',
      UINT_MAX,
      (r) => refcount_add(5, r),
      { refs: UINT_MAX, text: undefined, fault: [] },
    ],
    ['add counts', 1, (r) => refcount_add(2, r), { refs: 3, text: undefined, fault: [] }],
    [
      'dec_and_test at 0 stays 0, returns false and warns',
      0,
      refcount_dec_and_test,
      { refs: 0, result: false, text: 'refcount_t: underflow; use-after-free.', fault: ['underflow'] },
    ],
    [
      'dec_and_test of a saturated counter changes nothing and returns false',
      UINT_MAX,
      refcount_dec_and_test,
      { refs: UINT_MAX, result: false, text: undefined, fault: [] },
    ],
    [
      'dec_and_test at 1 returns true',
      1,
      refcount_dec_and_test,
      { refs: 0, result: true, text: undefined, fault: [] },
    ],
    [
      'dec to 0 warns',
      1,
      refcount_dec,
      { refs: 0, text: 'refcount_t: decrement hit 0; leaking memory.', fault: ['decrement-hit-0'] },
    ],
    [
      'inc_not_zero at 0 refuses silently',
      0,
      refcount_inc_not_zero,
      { refs: 0, result: false, text: undefined },
    ],
    ['inc_not_zero counts', 1, refcount_inc_not_zero, { refs: 2, result: true, text: undefined }],
  ])('%s', (_what, refs, operation, expected) => {
    expect(play('full', refs, operation)).toMatchObject(expected)
  })

  it('warns once per call site and boot, for all objects together', () => {
    const machine = boot({ refcount: 'full' })
    run(machine, () => {
      for (const r of [counterAt(0), counterAt(0)]) {
        refcount_inc(r)
        refcount_inc(r)
        refcount_dec_and_test(r)
      }
    })
    expect(
      eventsOf(machine, 'warn').map(({ file, line, function: name, once }) => [file, line, name, once]),
    ).toEqual([
      ['lib/refcount.c', 153, 'refcount_inc', true],
      ['lib/refcount.c', 187, 'refcount_dec_and_test', true],
    ])
    expect(eventsOf(machine, 'ref.fault')).toHaveLength(6)
  })

  it('warns again after a reboot', () => {
    for (const machine of [boot({ refcount: 'full' }), boot({ refcount: 'full' })]) {
      run(machine, () => {
        refcount_inc(counterAt(0))
      })
      expect(eventsOf(machine, 'warn')).toHaveLength(1)
    }
  })
})

describe('any sequence of gets and puts', () => {
  const steps = fc.array(fc.constantFrom('get', 'put'), { maxLength: 60 })

  it('is 32-bit arithmetic on a plain counter, and reports 0 exactly when it gets there', () => {
    const machine = boot({ refcount: 'plain' })
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 3 }), (sequence, start) => {
        const r = counterAt(start)
        let expected = start
        run(machine, () => {
          for (const step of sequence) {
            expected += step === 'get' ? 1 : -1
            if (step === 'get') refcount_inc(r)
            else expect(refcount_dec_and_test(r)).toBe(expected === 0)
            expect(r.refs).toBe(expected >>> 0)
          }
        })
      }),
    )
  })

  it('never leaves 0 on a full counter, and never reports 0 twice', () => {
    const machine = boot({ refcount: 'full' })
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 3 }), (sequence, start) => {
        const r = counterAt(start)
        let zeros = 0
        run(machine, () => {
          for (const step of sequence) {
            const before = r.refs
            if (step === 'get') refcount_inc(r)
            else if (refcount_dec_and_test(r)) zeros++
            if (before === 0) expect(r.refs).toBe(0)
          }
        })
        expect(zeros).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('a kref', () => {
  it('starts with one reference and is released by the last put', () => {
    const released: kref[] = []
    const results = run(boot(), () => {
      const counter = new kref(() => 'thing')
      const release = (it: kref): unknown => released.push(it)
      kref_init(counter)
      kref_get(counter)
      const first = kref_put(counter, release)
      return [first, released.length, kref_put(counter, release), released[0] === counter]
    })
    expect(results).toEqual([0, 0, 1, true])
  })

  it('releases nothing in a trial', () => {
    const machine = boot()
    const released: kref[] = []
    const counter = new kref(() => 'thing')
    run(machine, () => {
      kref_init(counter)
    })
    const put = () => kref_put(counter, (it) => released.push(it))
    expect(machine.tryOut(put)).toMatchObject({ value: 1 })
    expect(released).toEqual([])
    expect(run(machine, put)).toBe(1)
    expect(released).toEqual([counter])
  })
})
