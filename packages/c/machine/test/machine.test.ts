// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import {
  addressOf,
  assumed,
  Halt,
  LayoutError,
  modelled,
  modelledWithAll,
  pointerTo,
  restoreMachine,
  saveMachine,
  watch,
  type CallSites,
  type Machine,
} from '../src/index.ts'
import { fakeMachine, int, watchImports } from '../src/fake/index.ts'

const counterOf = (machine: Machine): number => addressOf(machine.pointerTo('counter'))

describe('a task', () => {
  it('returns the result of its body', () => {
    const { machine } = fakeMachine({ functions: { add: (a, b) => BigInt(a) + BigInt(b) } })
    expect(machine.task('init', () => machine.call('add', 40, 2n))).toBe(42n)
    expect(machine.tasks.map(({ comm, state }) => [comm, state])).toEqual([['init', 'dead']])
  })

  it('gets an Oops at the end of the stack', () => {
    const { machine } = fakeMachine()
    const recurse = (): number => recurse() + 1
    expect(machine.task('init', recurse)).toBeNull()
    expect(machine.journal.console[0]).toBe('Kernel stack overflow in process')
  })

  it('passes on an error of the workbench', () => {
    const { machine } = fakeMachine()
    const fails = (): never => {
      throw new TypeError('ours')
    }
    expect(() => machine.task('init', fails)).toThrow('ours')
  })

  it('leaves no redzones of stack frames if it does not return', () => {
    const { machine } = fakeMachine()
    const { start, end } = machine.image.memory.stack
    machine.task('init', () => {
      machine.shadow.forbid(start + 64, 32, 0xfa)
      throw new Halt('oops', 'a test')
    })
    expect(machine.shadow.firstForbidden(start, end - start)).toBe(-1)
  })

  it('gets an Oops for a call through an invalid function pointer', () => {
    const { machine } = fakeMachine({ functions: { f: () => 1n } })
    expect(machine.task('init', () => machine.callPointer(machine.pointerTo('f')))).toBe(1n)
    expect(machine.task('init', () => machine.callPointer(0n))).toBeNull()
    expect(machine.journal.console[0]).toBe('BUG: Unable to handle kernel instruction fetch (NULL pointer?)')
  })
})

describe('a location', () => {
  it('is the same object as long as the same calls are active', () => {
    const { machine } = fakeMachine()
    const { start } = machine.image.memory.sites
    const at = (...outermostFirst: readonly number[]): CallSites => {
      new Int32Array(machine.memory.bytes.buffer, start, outermostFirst.length).set(outermostFirst)
      machine.code.sites.top = start + 4 * outermostFirst.length
      return machine.callSitesHere()
    }
    const first = at(5, 7)
    expect(first.sites).toEqual([7, 5])
    expect(at(5, 7)).toBe(first)
    expect(at(5, 7, 0).sites).toEqual([0, 7, 5])
    expect(at(7, 5).sites).toEqual([5, 7])
    // This location has the same hash as the first one.
    expect(at(36, 6).sites).toEqual([6, 36])
    expect(at(5, 7)).toEqual(first)
    expect(machine.callSitesHere(1).sites).toEqual([7])
  })
})

describe('host functions', () => {
  const word = { parameters: ['i32', 'i64'], results: ['i32'] } as const
  const imported = (name: string, kind: 'host' | 'missing' = 'host') =>
    ({ kind, name, signature: word, variadic: false }) as const

  it('take each parameter in their own type, whatever its width in C', () => {
    const seen: unknown[] = []
    const hosts = {
      f: modelled(['u64', 's32'], (_machine, ...values) => {
        seen.push(values)
        return -1
      }),
    }
    const {
      imported: [f],
    } = fakeMachine({ hosts, imports: [imported('f')] })
    expect(f?.(-1, -2n)).toBe(-1)
    expect(seen).toEqual([[0xffffffffn, -2]])
  })

  it('may take all parameters, if those differ between kernels', () => {
    const hosts = { f: modelledWithAll((_machine, values) => values.at(-1)) }
    const {
      imported: [f],
    } = fakeMachine({ hosts, imports: [imported('f')] })
    expect(f?.(1, 7n)).toBe(7)
  })

  it('are listed by the machine if they are assumed', () => {
    const hosts = { f: assumed(0) }
    const {
      machine,
      imported: [f],
    } = fakeMachine({ hosts, imports: [imported('f')] })
    expect([...machine.assumed]).toEqual([])
    expect(f?.(1, 1n)).toBe(0)
    expect([...machine.assumed]).toEqual(['f'])
  })

  it('end the run as not modelled if they are missing', () => {
    const {
      machine,
      imported: [f],
    } = fakeMachine({ imports: [imported('gone', 'missing')] })
    expect(machine.task('init', () => f?.(1, 1n))).toBeNull()
    expect(machine.outcome).toBe('unmodelled')
    expect(machine.unmodelled?.function).toBe('gone')
    expect(machine.journal.events.map(({ type, fields }) => [type, fields])).toEqual([
      ['unmodelled', { function: 'gone' }],
    ])
  })
})

describe('watches', () => {
  it('receive arguments at the call, and the result with their note', () => {
    const seen: unknown[] = []
    const one = watch<number>({
      kind: 'function',
      name: 'f',
      enter: (_machine, [a]) => Number(a) * 2,
      leave: (_machine, [a], note, result) => seen.push([a, note, result]),
    })
    const {
      imported: [enter, leave],
    } = fakeMachine({
      watches: [one],
      watchpoints: [{ kind: 'function', name: 'f', file: 'x.c' }],
      imports: watchImports,
    })
    enter?.(0, 21n, 0n, 0n, 0n)
    leave?.(0, -1n)
    expect(seen).toEqual([[21n, 42, 2n ** 64n - 1n]])
  })

  it('of functions that this kernel does not have are listed', () => {
    const gone = watch({ kind: 'function', name: 'gone' })
    expect(fakeMachine({ watches: [gone] }).machine.watches.unmatched).toEqual(['gone'])
  })

  it('discard the calls of a task that ended', () => {
    const {
      machine,
      imported: [enter],
    } = fakeMachine({
      watches: [watch({ kind: 'function', name: 'f' })],
      watchpoints: [{ kind: 'function', name: 'f', file: 'x.c' }],
      imports: watchImports,
    })
    machine.task('init', () => {
      enter?.(0, 0n, 0n, 0n, 0n)
      expect(machine.watches.depth).toBe(1)
      machine.checked.u8(0n)
    })
    expect(machine.watches.depth).toBe(0)
  })
})

describe('views', () => {
  it('read and write fields by name', () => {
    const { machine } = fakeMachine()
    const thing = machine.view('thing', machine.allocator.reserve(32))
    thing.set('flags', -3)
    thing.set('count.refcount', 7)
    thing.set('next', thing.pointer)
    expect(thing.number('flags')).toBe(-3)
    expect(thing.inner('count').number('refcount')).toBe(7)
    expect(thing.follow('next')?.address).toBe(thing.address)
    expect(thing.follow('name', 'thing')).toBeNull()
  })

  it('read one-bit bit-fields, counted according to the byte order', () => {
    const bits = (offset: number) => ({ offset: 32 + offset, width: 1 })
    const flag = (name: string, offset: number) => ({
      name,
      offset: 4,
      size: 1,
      type: int,
      bits: bits(offset),
    })
    const structures = new Map([
      ['flagged', { size: 8, union: false, fields: [flag('first', 0), flag('second', 1), flag('last', 7)] }],
    ])
    const { machine } = fakeMachine({ structures, data: { a: 16 } })
    const view = machine.view('flagged', machine.pointerTo('a'))
    machine.memory.bytes[view.address + 4] = 0b10
    expect([view.bit('first'), view.bit('second'), view.bit('last')]).toEqual([false, true, false])
    expect(() => machine.view('thing', machine.pointerTo('a')).bit('flags')).toThrow(LayoutError)
  })

  it('report what this kernel does not have', () => {
    const { machine } = fakeMachine()
    const thing = machine.view('thing', machine.allocator.reserve(32))
    expect(thing.has('phandle')).toBe(false)
    expect(() => thing.number('phandle')).toThrow('struct thing of this kernel has no field "phandle"')
  })
})

describe('a saved machine', () => {
  it('is restored with memory, shadow, objects, events and tasks', () => {
    const { machine } = fakeMachine({ data: { counter: 4 } })
    const allocate = (): bigint =>
      pointerTo(
        machine.allocator.allocate({
          size: 24,
          struct: 'thing',
          zeroed: true,
          origin: 'slab',
          callSites: { sites: [] },
        }).address,
      )
    const kept = allocate()
    machine.memory.setU32(counterOf(machine), 5)
    const saved = saveMachine(machine)
    let next = 0n
    machine.task('init', () => {
      const object = machine.objects.startingAt(addressOf(kept)) ?? expect.fail('no object')
      machine.allocator.release(object, { sites: [] })
      next = allocate()
      machine.memory.setU32(counterOf(machine), 6)
      machine.checked.u8(kept)
      machine.checked.u8(0n)
    })
    expect(machine.outcome).toBe('oops')
    restoreMachine(machine, saved)
    expect(machine.outcome).toBe('completed')
    expect(machine.tasks).toEqual([])
    expect(machine.journal.events).toEqual([])
    expect(machine.journal.console).toEqual([])
    expect(machine.memory.u32(counterOf(machine))).toBe(5)
    expect(machine.objects.all.map(({ id }) => id)).toEqual(['thing#0'])
    expect(machine.shadow.firstForbidden(addressOf(kept), 24)).toBe(-1)
    expect(allocate()).toBe(next)
  })

  it('can be restored several times, and a later one after an earlier one', () => {
    const { machine } = fakeMachine({ data: { counter: 4 } })
    const key = Symbol('state')
    const count = (): number[] => machine.stateOf(key, () => ({ list: [] as number[] })).list
    count().push(1)
    const first = saveMachine(machine)
    count().push(2)
    const second = saveMachine(machine)
    for (const [saved, expected] of [
      [first, [1]],
      [second, [1, 2]],
      [first, [1]],
    ] as const) {
      restoreMachine(machine, saved)
      expect(count()).toEqual(expected)
      count().push(9)
    }
  })

  it('leaves no bytes of later runs', () => {
    const { machine } = fakeMachine()
    const saved = saveMachine(machine)
    const end = machine.allocator.end
    machine.memory.setU64(addressOf(machine.allocator.reserve(16)), 0xc0000000_00010000n)
    restoreMachine(machine, saved)
    expect(machine.memory.bytes.subarray(end, end + 64).every((byte) => byte === 0)).toBe(true)
  })

  it('cannot be saved while a task runs', () => {
    const { machine } = fakeMachine()
    expect(() => machine.task('init', () => saveMachine(machine))).toThrow('at rest')
  })
})
