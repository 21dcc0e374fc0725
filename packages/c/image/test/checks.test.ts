// SPDX-License-Identifier: GPL-2.0-only
import { dataBase, kasanStackRedzone } from '@pfo-workbench/object'
import { describe, expect, it } from 'vitest'
import { addressOf, build, start, Stopped, type Program } from './support/run.ts'

const layout = 'target datalayout = "e-m:e-i64:64-n32:64"\n'

function program(text: string): Program {
  return start(build({ 'a.ll': layout + text }))
}

/** Name and first arguments of the event that stopped a call; "nothing" if the call returned. */
function stopOf(run: () => unknown): readonly unknown[] {
  try {
    run()
  } catch (error) {
    if (error instanceof Stopped) return [error.kind, ...error.details.map(unsigned)]
    throw error
  }
  return ['nothing']
}

function unsigned(value: bigint | number): bigint {
  return BigInt.asUintN(64, BigInt(value))
}

const accesses = [8, 16, 32, 64]
  .map(
    (bits) => `define i${bits} @read${bits}(ptr %0) {
  %2 = load i${bits}, ptr %0, align 1
  ret i${bits} %2
}
define void @write${bits}(ptr %0) {
  store i${bits} 1, ptr %0, align 1
  ret void
}`,
  )
  .join('\n')

describe('an access', () => {
  const found = program(
    `@object = global [20 x i8] zeroinitializer, align 16\n@other = global [64 x i8] zeroinitializer, align 16\n${accesses}`,
  )
  const object = dataBase + BigInt(addressOf(found.image, 'object'))

  it.each([1, 2, 4, 8])('of %i bytes is allowed only inside an object, at any alignment', (size) => {
    for (let offset = -9; offset < 32; offset++) {
      for (const kind of ['read', 'write'] as const) {
        const address = object + BigInt(offset)
        const inside = offset >= 0 && offset + size <= 20
        const stopped = stopOf(() => found.call(`${kind}${size * 8}`, BigInt.asIntN(64, address)))
        expect([offset, kind, stopped]).toEqual([
          offset,
          kind,
          inside ? ['nothing'] : ['badAccess', address, BigInt(size), kind === 'write' ? 1n : 0n],
        ])
      }
    }
  })

  it.each([
    ['NULL', 0n],
    ['a field of NULL', 0x48n],
    ['an error pointer', -12n],
    ['a freed list’s pointer', 0xdead000000000100n],
    ['memory before the data', dataBase + 16n],
    ['the end of memory', dataBase + 0x400000n - 4n],
    ['a function', 0xc000000100000010n],
    ['an address of the other half', 0x4000000000010000n],
  ])('to %s is refused', (_name, address) => {
    expect(stopOf(() => found.call('read64', BigInt.asIntN(64, address)))).toEqual([
      'badAccess',
      BigInt.asUintN(64, address),
      8n,
      0n,
    ])
  })

  it('takes place if the machine returns from badAccess', () => {
    const image = build({ 'a.ll': `${layout}@object = global i32 7, align 16\n${accesses}` })
    const told: unknown[] = []
    const { call } = start(image, {}, { badAccess: (...values) => void told.push(values) })
    const address = BigInt.asIntN(64, dataBase + BigInt(addressOf(image, 'object')))
    expect(call('read64', address)).toBe(7n)
    expect(told).toHaveLength(1)
  })
})

describe('a range', () => {
  const found = program(`@from = global [20 x i8] c"abcdefghijklmnopqrst", align 16
@to = global [20 x i8] zeroinitializer, align 16
define void @copy(ptr %0, ptr %1, i64 %2) {
  call void @llvm.memcpy.p0.p0.i64(ptr %0, ptr %1, i64 %2, i1 false)
  ret void
}
define void @fill(ptr %0, i64 %1) {
  call void @llvm.memset.p0.i64(ptr %0, i8 85, i64 %1, i1 false)
  ret void
}
define ptr @function(ptr %0, ptr %1, i64 %2) {
  %4 = call ptr @memmove(ptr %0, ptr %1, i64 %2)
  ret ptr %4
}
declare ptr @memmove(ptr, ptr, i64)`)
  const from = dataBase + BigInt(addressOf(found.image, 'from'))
  const to = dataBase + BigInt(addressOf(found.image, 'to'))
  const at = (address: bigint): bigint => BigInt.asIntN(64, address)

  it('is allowed only inside an object', () => {
    for (let offset = -3n; offset <= 24n; offset++) {
      for (let length = 0n; length <= 24n; length++) {
        const inside = length === 0n || (offset >= 0n && offset + length <= 20n)
        const wanted = inside ? ['nothing'] : ['badRange', to + offset, length, 1n]
        expect([offset, length, stopOf(() => found.call('fill', at(to + offset), length))]).toEqual([
          offset,
          length,
          wanted,
        ])
      }
    }
  })

  it('is checked for reading before anything is written', () => {
    expect(stopOf(() => found.call('copy', at(to), at(from), 21n))).toEqual(['badRange', from, 21n, 0n])
    expect(stopOf(() => found.call('copy', at(to), at(from + 1n), 20n))).toEqual([
      'badRange',
      from + 1n,
      20n,
      0n,
    ])
  })

  it('that is longer than memory is refused', () => {
    for (const length of [1n << 32n, (1n << 32n) + 4n, -1n, 1n << 63n]) {
      expect(stopOf(() => found.call('fill', at(to), length))).toEqual([
        'badRange',
        to,
        BigInt.asUintN(64, length),
        1n,
      ])
    }
    expect(stopOf(() => found.call('fill', -8n, 16n))).toEqual(['badRange', BigInt.asUintN(64, -8n), 16n, 1n])
  })

  it('of no bytes may have any address', () => {
    expect(stopOf(() => found.call('copy', 0n, -1n, 0n))).toEqual(['nothing'])
  })

  it('may overlap its source', () => {
    expect(found.call('function', at(from + 2n), at(from), 10n)).toBe(at(from + 2n))
    const text = Array.from({ length: 14 }, (_, i) =>
      String.fromCharCode(found.memory.getUint8(Number(from - dataBase) + i)),
    ).join('')
    expect(text).toBe('ababcdefghijmn')
  })
})

describe('a stack variable', () => {
  const found = program(`define void @fill(ptr %0, i64 %1) {
  call void @llvm.memset.p0.i64(ptr %0, i8 85, i64 %1, i1 false)
  ret void
}
define i8 @twenty(i64 %0, i64 %1) {
  %v = alloca [20 x i8], align 1
  %w = alloca [3 x i64], align 8
  store i64 0, ptr %w
  call void @fill(ptr %v, i64 %0)
  %p = getelementptr [20 x i8], ptr %v, i64 0, i64 %1
  %r = load i8, ptr %p
  ret i8 %r
}
define i8 @fixed() {
  %v = alloca [20 x i8], align 1
  %p = getelementptr [20 x i8], ptr %v, i64 0, i64 20
  %r = load i8, ptr %p
  ret i8 %r
}`)

  it('that is an array has redzones', () => {
    expect(stopOf(() => found.call('twenty', 20n, 19n))).toEqual(['nothing'])
    for (const length of [21n, 24n, 32n]) {
      expect(stopOf(() => found.call('twenty', length, 0n))[0]).toBe('badRange')
    }
    for (const index of [20n, 21n, 24n, 35n, -1n, -16n]) {
      expect(stopOf(() => found.call('twenty', 1n, index))[0]).toBe('badAccess')
    }
    expect(stopOf(() => found.call('fixed'))[0]).toBe('badAccess')
  })

  it('has its number in the redzone before it', () => {
    const [kind, address] = stopOf(() => found.call('twenty', 1n, -1n))
    const before = Number((address as bigint) & 0xffffffffn) - 15
    expect(kind).toBe('badAccess')
    expect(found.shadow[before >> 3]).toBe(kasanStackRedzone)
    expect(found.image.stackVariables[found.memory.getUint32(before, true)]).toEqual({
      function: 'twenty',
      name: 'v',
      size: 20,
    })
  })

  it('leaves no redzone when its function returns', () => {
    const fresh = program(`define void @f() {
  %v = alloca [20 x i8], align 64
  ret void
}`)
    fresh.call('f')
    const { stack } = fresh.image.memory
    expect(fresh.shadow.subarray(stack.start / 8, stack.end / 8).every((byte) => byte === 0)).toBe(true)
  })
})

describe('the stack', () => {
  const text = `define void @deep() {
  %1 = alloca i64, i64 512
  store i64 1, ptr %1
  call void @deep()
  ret void
}
define i64 @large() {
  %1 = alloca [2000000 x i8]
  %2 = ptrtoint ptr %1 to i64
  ret i64 %2
}
define ptr @dynamic(i64 %0) {
  %2 = alloca i8, i64 %0, align 32
  ret ptr %2
}
define i64 @aligned() {
  %1 = alloca i64, align 128
  %2 = ptrtoint ptr %1 to i64
  ret i64 %2
}
define void @twice() {
  %1 = call ptr @llvm.stacksave.p0()
  %2 = alloca i8, i64 512000
  call void @llvm.stackrestore.p0(ptr %1)
  %3 = alloca i8, i64 512000
  call void @llvm.stackrestore.p0(ptr %1)
  ret void
}`

  it('stops the program on overflow', () => {
    const found = program(text)
    expect(stopOf(() => found.call('deep'))).toEqual(['stackOverflow'])
    expect(stopOf(() => program(text).call('large'))).toEqual(['stackOverflow'])
    for (const size of [1n << 20n, 1n << 32n, -1n, 1n << 63n]) {
      expect(stopOf(() => program(text).call('dynamic', size))).toEqual(['stackOverflow'])
    }
  })

  it('is freed on return', () => {
    const found = program(text)
    const first = found.call('dynamic', 100n)
    expect(found.call('dynamic', 100n)).toBe(first)
    expect(BigInt(first ?? 1) & 31n).toBe(0n)
    expect((found.call('aligned') as bigint) & 127n).toBe(0n)
  })

  it('can be freed earlier', () => {
    expect(stopOf(() => program(text).call('twice'))).toEqual(['nothing'])
  })
})
