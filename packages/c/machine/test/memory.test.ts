// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressOf, Memory, pointerTo, type Machine } from '../src/index.ts'
import { cacheSize } from '../src/allocator.ts'
import { Shadow } from '../src/shadow.ts'
import { fakeMachine } from '../src/fake/index.ts'

const typesOf = (machine: Machine): string[] => machine.journal.events.map((event) => event.type)

function allocate(machine: Machine, size: number, struct = 'thing'): bigint {
  const record = machine.allocator.allocate({
    size,
    struct,
    zeroed: false,
    origin: 'slab',
    callSites: { sites: [] },
  })
  return pointerTo(record.address)
}

function free(machine: Machine, pointer: bigint): void {
  const record = machine.objects.startingAt(addressOf(pointer))
  if (record === null) throw new Error('nothing starts there')
  machine.allocator.release(record, { sites: [] })
}

describe('memory', () => {
  it.each(['little', 'big'] as const)('reads numbers as it wrote them, %s-endian', (endian) => {
    const memory = new Memory(new ArrayBuffer(64), 64, endian)
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 4, 8), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (size, value) => {
        memory.setUnsigned(16, size, value)
        expect(memory.unsigned(16, size)).toBe(BigInt.asUintN(size * 8, value))
      }),
    )
  })

  it.each(['little', 'big'] as const)(
    'knows where a pointer leads, as by its number, %s-endian',
    (endian) => {
      const memory = new Memory(new ArrayBuffer(64), 64, endian)
      const pointers = fc.oneof(
        fc.integer({ min: 0, max: 80 }).map((address) => pointerTo(address)),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      )
      fc.assert(
        fc.property(pointers, fc.integer({ min: 1, max: 70 }), (pointer, length) => {
          memory.setU64(8, pointer)
          expect(memory.target(8, length)).toBe(memory.holds(pointer, length) ? addressOf(pointer) : -1)
        }),
      )
    },
  )

  it('writes a big-endian number with the most significant byte first', () => {
    const memory = new Memory(new ArrayBuffer(16), 16, 'big')
    memory.setU32(0, 0x01020304)
    expect([...memory.bytes.subarray(0, 4)]).toEqual([1, 2, 3, 4])
  })

  it('contains no pointer below or above it', () => {
    const memory = new Memory(new ArrayBuffer(64), 64, 'little')
    expect(memory.holds(0n, 1)).toBe(false)
    expect(memory.holds(pointerTo(60), 4)).toBe(true)
    expect(memory.holds(pointerTo(60), 5)).toBe(false)
    expect(memory.holds(-1n, 1)).toBe(false)
  })
})

describe('the shadow', () => {
  it('finds the first forbidden byte', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(80), fc.nat(60), (length, from, size) => {
        const shadow = new Shadow(new ArrayBuffer(64), { start: 32, end: 64 })
        shadow.forbid(0, 256, 0xff)
        shadow.allow(64, length)
        const bytes = Array.from({ length: size }, (_, index) => from + index)
        const expected = bytes.find((byte) => byte < 64 || byte >= 64 + length) ?? -1
        expect(shadow.firstForbidden(from, size)).toBe(expected)
      }),
    )
  })
})

describe('the allocator', () => {
  it('names objects after their structure, in order', () => {
    const { machine } = fakeMachine()
    allocate(machine, 24)
    allocate(machine, 5, 'bytes')
    allocate(machine, 24)
    expect(machine.objects.all.map(({ id }) => id)).toEqual(['thing#0', 'bytes#0', 'thing#1'])
  })

  it('allows exactly the requested bytes', () => {
    const { machine } = fakeMachine()
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (size) => {
        const address = addressOf(allocate(machine, size))
        expect(machine.shadow.firstForbidden(address, size)).toBe(-1)
        expect(machine.shadow.firstForbidden(address, size + 1)).toBe(address + size)
        expect(machine.shadow.firstForbidden(address - 1, 1)).toBe(address - 1)
      }),
    )
  })

  it('aligns a power of two to itself, as kmalloc does', () => {
    const { machine } = fakeMachine()
    allocate(machine, 24)
    for (const size of [16, 64, 512, 4096]) expect(addressOf(allocate(machine, size)) % size).toBe(0)
  })

  it('fills freed memory with 0x6b up to the end of its cache, followed by a red zone', () => {
    const { machine } = fakeMachine()
    const pointer = allocate(machine, 20, 'bytes')
    free(machine, pointer)
    const address = addressOf(pointer)
    const { bytes } = machine.memory
    expect([...bytes.subarray(address, address + 31)]).toEqual(Array<number>(31).fill(0x6b))
    expect(bytes[address + 31]).toBe(0xa5)
    expect(bytes[address + 32]).toBe(0xbb)
    expect(bytes[address + 40]).toBe(0)
  })

  it('leaves freed memory unchanged without poisoning', () => {
    const { machine } = fakeMachine({ options: { slubPoison: false } })
    const pointer = allocate(machine, 20, 'bytes')
    machine.memory.setString(addressOf(pointer), 'still there')
    free(machine, pointer)
    expect(machine.memory.stringAt(pointer)).toBe('still there')
  })

  it('reuses freed memory only when no other is left, the oldest first', () => {
    const { machine } = fakeMachine({ heapPages: 1 })
    const first = allocate(machine, 4096, 'bytes')
    const second = allocate(machine, 4096, 'bytes')
    free(machine, first)
    free(machine, second)
    const later: bigint[] = []
    while (!later.includes(first)) later.push(allocate(machine, 4096, 'bytes'))
    expect(later.filter((pointer) => pointer === first || pointer === second)).toEqual([first])
    expect(allocate(machine, 4096, 'bytes')).toBe(second)
    expect(machine.objects.isFreed(machine.objects.all[0] ?? expect.fail('no object'))).toBe(true)
    expect(machine.objects.startingAt(addressOf(first))?.id).toBe(`bytes#${String(later.length + 1)}`)
  })

  it('ends the run as not modelled when memory runs out', () => {
    const { machine } = fakeMachine({ heapPages: 1 })
    const all = machine.task('init', () => {
      for (;;) allocate(machine, 8192, 'bytes')
    })
    expect(all).toBeNull()
    expect(machine.outcome).toBe('unmodelled')
  })

  it.each([
    [1, 8],
    [65, 96],
    [97, 128],
    [129, 192],
    [193, 256],
    [8192, 8192],
    [8193, 8200],
  ])('serves %i bytes from a cache of %i', (size, cache) => {
    expect(cacheSize(size)).toBe(cache)
  })
})

describe('checked access', () => {
  it('reports a read of freed memory once per object, field and place, and continues', () => {
    const { machine } = fakeMachine()
    machine.task('init', () => {
      const pointer = allocate(machine, 24)
      free(machine, pointer)
      for (let times = 0; times < 3; times++) machine.checked.u32(pointer + 20n)
      expect(machine.checked.u64(pointer)).toBe(0x6b6b6b6b6b6b6b6bn)
    })
    const reports = machine.journal.events.filter((event) => event.type === 'use-after-free')
    expect(reports.map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ object: 'thing#0', struct: 'thing', field: 'flags', access: 'read' }),
      expect.objectContaining({ object: 'thing#0', field: 'name' }),
    ])
    expect(machine.outcome).toBe('completed')
  })

  it('reports an access next to an object with its offset', () => {
    const { machine } = fakeMachine()
    machine.task('init', () => {
      const pointer = allocate(machine, 20, 'bytes')
      machine.checked.setU8(pointer + 20n, 1)
      machine.checked.u8(pointer - 1n)
    })
    const reports = machine.journal.events.filter((event) => event.type === 'out-of-bounds')
    expect(reports.map(({ fields }) => fields)).toEqual([
      { object: 'bytes#0', struct: 'bytes', offset: 20, size: 1, access: 'write' },
      { object: 'bytes#0', struct: 'bytes', offset: -1, size: 1, access: 'read' },
    ])
  })

  it('causes an Oops for an invalid pointer, and the task does not return', () => {
    const { machine } = fakeMachine()
    expect(machine.task('init', () => machine.checked.u32(0x18n))).toBeNull()
    expect(machine.outcome).toBe('oops')
    expect(typesOf(machine)).toContain('oops')
    expect(machine.journal.console[0]).toBe('BUG: Kernel NULL pointer dereference on read at 0x00000018')
  })

  it('prints the message of kernels before v5.2', () => {
    const release = { major: 4, minor: 18, text: '4.18.0' }
    const { machine } = fakeMachine({ options: { release } })
    machine.task('init', () => machine.checked.u32(0x90n))
    expect(machine.journal.console[0]).toBe(
      'Unable to handle kernel paging request for data at address 0x00000090',
    )
  })

  it('is silent while the state is inspected', () => {
    const { machine } = fakeMachine()
    const pointer = allocate(machine, 24)
    free(machine, pointer)
    machine.inspect(() => machine.checked.u32(pointer))
    expect(machine.journal.events).toEqual([])
  })
})

describe('memory reused by choice', () => {
  it('is that of the selected freed object, and its address then belongs to the new object', () => {
    const { machine } = fakeMachine()
    const first = allocate(machine, 40)
    free(machine, first)
    const freed = machine.objects.all[0] ?? null
    machine.allocator.reuse = (struct) => (struct === 'thing' ? freed : null)
    expect(allocate(machine, 40, 'other')).not.toBe(first)
    expect(allocate(machine, 40)).toBe(first)
    expect(machine.idOf(first)).toBe('thing#1')
    expect(machine.shadow.firstForbidden(addressOf(first), 40)).toBe(-1)
    // The freed object was removed from quarantine.
    expect(allocate(machine, 40)).not.toBe(first)
  })

  it('is fresh if the selected object does not fit or is in use', () => {
    const { machine } = fakeMachine()
    const first = allocate(machine, 40)
    const used = machine.objects.all[0] ?? null
    machine.allocator.reuse = () => used
    expect(allocate(machine, 40)).not.toBe(first)
    free(machine, first)
    expect(allocate(machine, 400)).not.toBe(first)
  })
})
