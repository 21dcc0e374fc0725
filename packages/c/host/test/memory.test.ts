// SPDX-License-Identifier: GPL-2.0-only
import { addressOf, chainAt } from '@pfo-workbench/machine'
import { describe, expect, it } from 'vitest'
import { GFP_ATOMIC, GFP_KERNEL, GFP_ZERO, hostMachine, type HostMachine } from './host-machine.ts'

/** Runs a function as a task that must return. */
function run<T>({ machine }: HostMachine, body: () => T): T {
  const result = machine.task('init', body)
  if (result === null) throw new Error(`the task did not come back: ${machine.journal.console.join('\n')}`)
  return result
}

const bytesAt = ({ machine }: HostMachine, pointer: bigint, length: number): number[] => [
  ...machine.memory.bytes.subarray(addressOf(pointer), addressOf(pointer) + length),
]

const v4_18 = { options: { release: { major: 4, minor: 18, text: '4.18.0' } } }

/** Names of functions that take `(size, gfp)`. */
const kmallocs = [
  ...['kmalloc', 'kmalloc_noprof', '__kmalloc', '__kmalloc_noprof', 'kmalloc_large', 'kmalloc_large_noprof'],
  ...['__kmalloc_large_noprof', '__kmalloc_node', '__kmalloc_node_noprof', 'kmalloc_large_node'],
  ...['kmalloc_large_node_noprof', '__kmalloc_track_caller', '__kmalloc_node_track_caller'],
  ...['__kmalloc_node_track_caller_noprof', 'kvmalloc_node', '__kvmalloc_node_noprof'],
]

describe('kmalloc', () => {
  it.each(kmallocs)('allocates memory by the name %s', (name) => {
    const host = hostMachine()
    const pointer = run(host, () => host.call(name, 24, GFP_KERNEL))
    expect(host.machine.allocator.objectOf(pointer)).toMatchObject({ id: 'bytes#0', size: 24 })
    expect(host.events('alloc')).toEqual([{ object: 'bytes#0', struct: 'bytes', size: 24 }])
  })

  it.each(['kmalloc_trace', '__kmalloc_cache_noprof', 'kmalloc_trace_noprof', 'kmem_cache_alloc_trace'])(
    'takes the size last by the name %s',
    (name) => {
      const host = hostMachine()
      const pointer = run(host, () => host.call(name, 0, GFP_KERNEL, 40))
      expect(host.machine.allocator.objectOf(pointer)?.size).toBe(40)
    },
  )

  it.each(['kmalloc_node_trace', '__kmalloc_cache_node_noprof', 'kmem_cache_alloc_node_trace'])(
    'takes the size after a node by the name %s',
    (name) => {
      const host = hostMachine()
      const pointer = run(host, () => host.call(name, 0, GFP_KERNEL, -1, 40))
      expect(host.machine.allocator.objectOf(pointer)?.size).toBe(40)
    },
  )

  it('zeroes memory only on request, and poisons it otherwise', () => {
    const host = hostMachine()
    expect(
      bytesAt(
        host,
        run(host, () => host.call('kmalloc', 3, GFP_KERNEL | GFP_ZERO)),
        3,
      ),
    ).toEqual([0, 0, 0])
    expect(
      bytesAt(
        host,
        run(host, () => host.call('kmalloc', 3, GFP_KERNEL)),
        3,
      ),
    ).toEqual([0x5a, 0x5a, 0x5a])
  })

  it('returns a pointer that must not be dereferenced for size 0, and kfree accepts it', () => {
    const host = hostMachine()
    const pointer = run(host, () => host.call('kmalloc', 0, GFP_KERNEL))
    expect(pointer).toBe(16n)
    run(host, () => host.call('kfree', pointer))
    expect(host.events('alloc')).toEqual([])
  })

  it('returns NULL above the size limit, and warns once', () => {
    const host = hostMachine()
    expect(run(host, () => host.call('kmalloc', -1n, GFP_KERNEL))).toBe(0n)
    expect(run(host, () => host.call('kmalloc', 0x1000001n, GFP_KERNEL))).toBe(0n)
    expect(host.events('warn')).toHaveLength(1)
  })

  it('may sleep unless it is atomic', () => {
    const host = hostMachine()
    const lock = host.space(8)
    run(host, () => {
      host.call('_raw_spin_lock', lock)
      host.call('kmalloc', 8, GFP_ATOMIC)
      expect(host.events('lock.report')).toEqual([])
      host.call('kmalloc', 8, GFP_KERNEL)
    })
    expect(host.events('lock.report')).toMatchObject([{ report: 'sleep-in-atomic' }])
  })

  it('fails on request, and records it', () => {
    const host = hostMachine()
    host.machine.failing = (struct) => struct === 'bytes'
    expect(run(host, () => host.call('kmalloc', 8, GFP_KERNEL))).toBe(0n)
    expect(host.events('alloc.failed')).toEqual([{ struct: 'bytes' }])
  })
})

describe('kfree', () => {
  it.each(['kfree', 'kfree_sensitive', 'kzfree', 'kvfree'])(
    'frees memory by the name %s, and accepts NULL',
    (name) => {
      const host = hostMachine()
      const pointer = run(host, () => host.call('kmalloc', 8, GFP_KERNEL))
      run(host, () => host.call(name, pointer))
      run(host, () => host.call(name, 0))
      expect(host.events('free')).toEqual([{ object: 'bytes#0', struct: 'bytes' }])
    },
  )

  it('reports a double free, and goes on', () => {
    const host = hostMachine()
    const pointer = run(host, () => host.call('kmalloc', 8, GFP_KERNEL))
    run(host, () => host.call('kfree', pointer))
    run(host, () => host.call('kfree', pointer))
    expect(host.events('double-free')).toMatchObject([{ object: 'bytes#0', struct: 'bytes' }])
    expect(host.events('free')).toHaveLength(1)
    expect(host.machine.journal.console).toContain(
      'BUG kmalloc-8 (Tainted: G    B             ): Object already free'.replace(
        'Tainted: G    B             ',
        'Not tainted',
      ),
    )
  })

  it('is a BUG for anything but the start of an object', () => {
    const host = hostMachine()
    const pointer = run(host, () => host.call('kmalloc', 32, GFP_KERNEL))
    expect(host.machine.task('init', () => host.call('kfree', pointer + 8n))).toBeNull()
    expect(host.events('oops')).toMatchObject([{ reason: 'kernel BUG at mm/slub.c:0!' }])
  })

  it('is a BUG for boot memory before v5.15', () => {
    const host = hostMachine(v4_18)
    const pointer = run(host, () => host.call('memblock_alloc_try_nid', 32, 8))
    expect(host.machine.task('init', () => host.call('kfree', pointer))).toBeNull()
    expect(host.machine.outcome).toBe('oops')
  })

  it('warns once of boot memory since v5.15, and the memory stays in use', () => {
    const host = hostMachine()
    const pointer = run(host, () => host.call('memblock_alloc_try_nid', 32, 8))
    run(host, () => host.call('kfree', pointer))
    run(host, () => host.call('kfree', pointer))
    expect(host.events('warn')).toMatchObject([{ file: 'mm/slub.c', once: true }])
    expect(host.machine.journal.console.filter((line) => line.startsWith('object pointer: 0x'))).toHaveLength(
      1,
    )
    expect(host.events('free')).toEqual([])
    expect(host.machine.outcome).toBe('completed')
  })
})

describe('pages', () => {
  it('are freed by free_pages, which accepts NULL', () => {
    const host = hostMachine()
    run(host, () => {
      host.call('free_pages', host.call('__get_free_pages', GFP_KERNEL, 0), 0)
      host.call('free_pages', 0, 0)
    })
    expect(host.events('free')).toHaveLength(1)
    expect(host.events('warn')).toEqual([])
  })

  it('cause a warning if kfree frees them, and a BUG before v5.15', () => {
    const free = (host: HostMachine): unknown =>
      host.machine.task('init', () => host.call('kfree', host.call('get_zeroed_page', GFP_KERNEL)))
    const host = hostMachine()
    free(host)
    expect(host.events('warn')).toMatchObject([{ file: 'mm/slub.c' }])
    expect(host.events('free')).toHaveLength(1)
    const old = hostMachine(v4_18)
    expect(free(old)).toBeNull()
    expect(old.events('oops')).toMatchObject([{ reason: 'kernel BUG at mm/slub.c:0!' }])
  })
})

describe('vmalloc', () => {
  const allocations = ['vmalloc', 'vmalloc_noprof', 'vzalloc', 'vzalloc_noprof']

  it.each(allocations)('allocates pages by the name %s, which vfree and kvfree free', (name) => {
    const host = hostMachine()
    run(host, () => {
      for (const free of ['vfree', 'kvfree']) {
        const pointer = host.call(name, 24)
        expect(pointer % 65536n).toBe(0n)
        expect(host.call('is_vmalloc_addr', pointer + 8n)).toBe(1n)
        expect(bytesAt(host, pointer, 1)).toEqual([name.startsWith('vz') ? 0 : 0x5a])
        host.call(free, pointer)
        host.call(free, 0)
      }
    })
    expect(host.events('free')).toHaveLength(2)
    expect(host.events('warn')).toEqual([])
  })

  it('returns memory that kfree does not accept', () => {
    const host = hostMachine()
    expect(host.machine.task('init', () => host.call('kfree', host.call('vmalloc', 24)))).toBeNull()
    expect(host.machine.outcome).toBe('oops')
  })

  it('may sleep when it frees, since v5.0', () => {
    for (const [options, reports] of [
      [{}, 1],
      [v4_18, 0],
    ] as const) {
      const host = hostMachine(options)
      run(host, () => {
        const pointer = host.call('vmalloc', 24)
        host.call('_raw_spin_lock', host.space(8))
        host.call('vfree', pointer)
      })
      expect(host.events('lock.report')).toHaveLength(reports)
    }
  })

  it.each([
    [8, 'Trying to vfree() bad address ((____ptrval____))'],
    [65536, 'Trying to vfree() nonexistent vm area ((____ptrval____))'],
  ])('warns of other memory of %i bytes, and does not free it', (size, text) => {
    const host = hostMachine()
    run(host, () => host.call('vfree', host.call('kmalloc', size, GFP_KERNEL)))
    expect(host.events('warn')).toMatchObject([{ file: 'mm/vmalloc.c', text, once: false }])
    expect(host.machine.journal.console).toContain(text)
    expect(host.events('free')).toEqual([])
  })

  it('dies of other memory before v5.0', () => {
    const host = hostMachine(v4_18)
    expect(host.machine.task('init', () => host.call('vfree', host.call('kmalloc', 65536, 0)))).toBeNull()
    expect(host.machine.outcome).toBe('oops')
  })
})

describe('krealloc', () => {
  it.each(['krealloc', 'krealloc_noprof'])('keeps the first bytes by the name %s', (name) => {
    const host = hostMachine()
    const old = run(host, () => host.call('kmalloc', 4, GFP_KERNEL))
    host.machine.memory.setU32(addressOf(old), 0x01020304)
    const fresh = run(host, () => host.call(name, old, 64, GFP_KERNEL))
    expect(fresh).not.toBe(old)
    expect(host.machine.memory.u32(addressOf(fresh))).toBe(0x01020304)
    expect(host.events('free')).toMatchObject([{ object: 'bytes#0' }])
  })

  it.each(['ksize', '__ksize'])('returns the size of an object by the name %s', (name) => {
    const host = hostMachine()
    const pointer = run(host, () => host.call('kmalloc', 20, GFP_KERNEL))
    expect(run(host, () => host.call(name, pointer))).toBe(20n)
  })
})

describe('a slab cache', () => {
  const create = (host: HostMachine): bigint =>
    host.call('kmem_cache_create', host.text('thing_cache'), 24, 8, 0, 0)

  it.each([
    'kmem_cache_alloc',
    'kmem_cache_alloc_noprof',
    'kmem_cache_alloc_node',
    'kmem_cache_alloc_node_noprof',
  ])('returns objects with its name by %s', (name) => {
    const host = hostMachine()
    const cache = run(host, () => create(host))
    const pointer = run(host, () => host.call(name, cache, GFP_KERNEL))
    expect(host.machine.allocator.objectOf(pointer)?.id).toBe('thing#0')
    run(host, () => host.call('kmem_cache_free', cache, pointer))
    expect(host.events('free')).toEqual([{ object: 'thing#0', struct: 'thing' }])
    run(host, () => host.call('kmem_cache_destroy', cache))
  })

  /** Frees an object of kmalloc or of boot memory to a cache. */
  const freeWrongly = (host: HostMachine, by: string, ...args: readonly (bigint | number)[]): boolean =>
    host.machine.task('init', () => host.call('kmem_cache_free', create(host), host.call(by, ...args))) !==
    null

  it('warns of an object of another cache if the slab is checked; before v5.9 the object is not freed', () => {
    const text = 'cache_from_obj: Wrong slab cache. thing_cache but object is from kmalloc-32'
    for (const [options, warnings, frees] of [
      [{}, [{ file: 'mm/slab.h', text }], 1],
      [v4_18, [{ file: 'mm/slab.h', text }], 0],
      [{ options: { slubPoison: false } }, [], 1],
    ] as const) {
      const host = hostMachine(options)
      expect(freeWrongly(host, 'kmalloc', 24, GFP_KERNEL)).toBe(true)
      expect(host.events('warn')).toMatchObject(warnings)
      expect(host.events('free')).toHaveLength(frees)
    }
  })

  it.each(['memblock_alloc_try_nid', 'vmalloc'])(
    'warns of memory from outside of the slab, by %s; without the check, the task gets an Oops',
    (by) => {
      const host = hostMachine()
      expect([freeWrongly(host, by, 32, 8), freeWrongly(host, by, 32, 8)]).toEqual([true, true])
      expect(host.events('warn')).toMatchObject([{ text: 'virt_to_cache: Object is not a Slab page!' }])
      expect(host.events('free')).toEqual([])
      for (const options of [v4_18, { options: { slubPoison: false } }])
        expect(freeWrongly(hostMachine(options), by, 32, 8)).toBe(false)
    },
  )

  it.each(['kmem_cache_alloc_lru', 'kmem_cache_alloc_lru_noprof'])(
    'takes flags after a list by %s',
    (name) => {
      const host = hostMachine()
      const cache = run(host, () => create(host))
      const pointer = run(host, () => host.call(name, cache, 0, GFP_KERNEL | GFP_ZERO))
      expect(bytesAt(host, pointer, 2)).toEqual([0, 0])
    },
  )

  it('calls its constructor for each object', () => {
    const built: bigint[] = []
    const host = hostMachine({
      functions: { ctor: (pointer) => (built.push(BigInt.asUintN(64, BigInt(pointer))), 0n) },
    })
    const ctor = host.machine.pointerTo('ctor')
    const name = host.text('thing')
    const args = host.space(16)
    host.machine.view('kmem_cache_args', args).set('ctor', ctor)
    const caches = run(host, () => [
      host.call('kmem_cache_create', name, 24, 8, 0, ctor),
      host.call('kmem_cache_create_usercopy', name, 24, 8, 0, 0, 0, ctor),
      host.call('__kmem_cache_create_args', name, 24, args),
    ])
    const objects = run(host, () => caches.map((cache) => host.call('kmem_cache_alloc', cache, GFP_KERNEL)))
    expect(built).toEqual(objects)
  })
})

describe('pages', () => {
  it.each(['__get_free_pages', 'get_free_pages_noprof'])('are allocated by order by %s', (name) => {
    const host = hostMachine({ heapPages: 8 })
    const pointer = run(host, () => host.call(name, GFP_KERNEL, 1))
    expect(host.machine.allocator.objectOf(pointer)).toMatchObject({ struct: 'pages', size: 131072 })
  })

  it.each(['get_zeroed_page', 'get_zeroed_page_noprof'])('are zeroed by %s', (name) => {
    const host = hostMachine({ heapPages: 8 })
    expect(
      bytesAt(
        host,
        run(host, () => host.call(name, GFP_KERNEL)),
        2,
      ),
    ).toEqual([0, 0])
  })
})

describe('an IOMMU table', () => {
  it.each(['iommu_tce_table_put', 'iommu_free_table'])('is freed with its last reference by %s', (put) => {
    const host = hostMachine()
    run(host, () => {
      const table = host.call('kmalloc', 16, GFP_KERNEL)
      host.machine.view('iommu_table', table).set('it_kref', 2)
      expect(host.call('iommu_init_table', table)).toBe(table)
      expect([host.call(put, 0), host.call(put, table), host.call(put, table)]).toEqual([0n, 0n, 1n])
      expect(host.call('is_vmalloc_addr', table)).toBe(0n)
    })
    expect(host.events('free')).toHaveLength(1)
  })
})

describe('boot memory', () => {
  it.each([
    'memblock_alloc_try_nid',
    'memblock_virt_alloc_try_nid',
    'memblock_virt_alloc_try_nid_nopanic',
    'memblock_alloc_try_nid_nopanic',
    '__memblock_alloc_or_panic',
  ])('is zeroed by %s', (name) => {
    const host = hostMachine()
    const pointer = run(host, () => host.call(name, 100, 64))
    expect(addressOf(pointer) % 64).toBe(0)
    expect(bytesAt(host, pointer, 2)).toEqual([0, 0])
    expect(host.machine.objects.all[0]?.origin).toBe('memblock')
  })

  it.each(['memblock_alloc_try_nid_raw', 'memblock_virt_alloc_try_nid_raw'])('is not zeroed: %s', (name) => {
    const host = hostMachine()
    expect(
      bytesAt(
        host,
        run(host, () => host.call(name, 8, 8)),
        1,
      ),
    ).toEqual([0x5a])
  })
})

describe('bytes', () => {
  it('are compared by memcmp, and up to the end of a string by strncmp', () => {
    const host = hostMachine()
    const [a, b] = [host.text('same\0one'), host.text('same\0two')]
    run(host, () => {
      expect(host.callSigned('memcmp', a, b, 5)).toBe(0)
      expect(host.callSigned('memcmp', a, b, 8)).toBeLessThan(0)
      expect(host.callSigned('strncmp', a, b, 8)).toBe(0)
      expect(host.callSigned('strncmp', host.text('b'), host.text('a'), 8)).toBeGreaterThan(0)
    })
  })

  it('are found by memchr', () => {
    const host = hostMachine()
    const text = host.text('find')
    run(host, () => {
      expect(host.call('memchr', text, 0x6e, 4)).toBe(text + 2n)
      expect(host.call('memchr', text, 0x7a, 4)).toBe(0n)
    })
  })

  it('after the end of a string are zeroed by strncpy', () => {
    const host = hostMachine()
    const to = host.text('xxxxxxx')
    run(host, () => host.call('strncpy', to, host.text('ab'), 5))
    expect(bytesAt(host, to, 6)).toEqual([0x61, 0x62, 0, 0, 0, 0x78])
  })

  it.each([
    '_copy_from_user',
    '_copy_to_user',
    '__copy_tofrom_user',
    'raw_copy_from_user',
    'raw_copy_to_user',
  ])('from user space are all copied by %s', (name) => {
    const host = hostMachine()
    const to = host.space(8)
    run(host, () => expect(host.call(name, to, host.text('abc'), 3)).toBe(0n))
    expect(bytesAt(host, to, 4)).toEqual([0x61, 0x62, 0x63, 0])
  })

  it('are read from a position by memory_read_from_buffer, which advances it', () => {
    const host = hostMachine()
    const [to, position, from] = [host.space(8), host.space(8), host.text('abcdef')]
    const read = (count: number): unknown =>
      run(host, () => host.call('memory_read_from_buffer', to, count, position, from, 6))
    expect(read(4)).toBe(4n)
    expect(bytesAt(host, to, 5)).toEqual([0x61, 0x62, 0x63, 0x64, 0])
    expect(read(4)).toBe(2n)
    expect(bytesAt(host, to, 2)).toEqual([0x65, 0x66])
    expect(read(4)).toBe(0n)
    expect(host.machine.checked.u64(position)).toBe(6n)
    run(host, () => host.machine.checked.setU64(position, 2n ** 64n - 1n))
    expect(BigInt.asIntN(32, read(4) as bigint)).toBe(-22n)
  })

  it('of freed memory are reported when read', () => {
    const host = hostMachine()
    const pointer = run(host, () => host.call('kmalloc', 8, GFP_KERNEL))
    run(host, () => host.call('kfree', pointer))
    run(host, () => host.call('memcmp', pointer, host.space(8), 8))
    expect(host.events('use-after-free')).toMatchObject([
      { object: 'bytes#0', field: 'bytes', access: 'read' },
    ])
    const [report] = host.machine.journal.events.filter((event) => event.type === 'use-after-free')
    expect(chainAt(host.machine.image, report?.callSites ?? { sites: [] })).toEqual([])
  })
})
