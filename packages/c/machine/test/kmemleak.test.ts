// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { addressOf, pointerTo, scanMemory, type Machine, type ObjectRecord } from '../src/index.ts'
import { fakeMachine } from '../src/fake/index.ts'

const callSites = { sites: [] } as unknown as ObjectRecord['allocated']

function allocate(machine: Machine, origin: 'slab' | 'memblock' = 'slab', struct = 'thing'): ObjectRecord {
  return machine.allocator.allocate({ size: 24, struct, zeroed: true, origin, callSites })
}

const setPointer = (machine: Machine, address: number, to: ObjectRecord, offset = 0): void => {
  machine.memory.setU64(address, pointerTo(to.address + offset))
}

const unreachable = (machine: Machine): string[] =>
  scanMemory(machine, 'thing').unreachable.map(({ id }) => id)

/** A machine with a pointer variable. */
const withVariable = (): { machine: Machine; variable: number } => {
  const { machine } = fakeMachine({ data: { list: 8 } })
  return { machine, variable: addressOf(machine.pointerTo('list')) }
}

describe('unreachable memory in use', () => {
  it('is found', () => {
    const { machine } = withVariable()
    allocate(machine)
    expect(unreachable(machine)).toEqual(['thing#0'])
  })

  it('excludes objects that a variable reaches, directly or indirectly, at their start or in the middle', () => {
    const { machine, variable } = withVariable()
    const [first, second] = [allocate(machine), allocate(machine)]
    setPointer(machine, variable, first, 8)
    setPointer(machine, first.address + 16, second)
    expect(unreachable(machine)).toEqual([])
  })

  it('excludes boot memory and its parts', () => {
    const { machine } = withVariable()
    setPointer(machine, allocate(machine, 'memblock').address, allocate(machine))
    expect(unreachable(machine)).toEqual([])
  })

  it('excludes objects reached from memory outside of objects, which host functions reserve', () => {
    const { machine } = withVariable()
    const object = allocate(machine)
    setPointer(machine, addressOf(machine.allocator.reserve(16)), object)
    expect(unreachable(machine)).toEqual([])
  })

  it('excludes objects that host functions keep, or that are queued', () => {
    const { machine } = withVariable()
    const [kept, deferred] = [allocate(machine), allocate(machine)]
    machine.stateOf(Symbol('test'), () => new Map([['name', { at: pointerTo(kept.address) }]]))
    const object = pointerTo(deferred.address)
    machine.deferred.add({ kind: 'work', object, callback: 0n, queue: 0n, delay: 0n })
    expect(unreachable(machine)).toEqual([])
  })

  it('excludes freed memory, and pointers in freed memory reach nothing', () => {
    const { machine, variable } = withVariable()
    const [freed, second] = [allocate(machine), allocate(machine)]
    setPointer(machine, variable, freed)
    machine.allocator.poisons = false
    setPointer(machine, freed.address, second)
    machine.allocator.release(freed, callSites)
    expect(unreachable(machine)).toEqual([second.id])
  })

  it('is reported without objects that only other unreachable objects point to', () => {
    const { machine } = withVariable()
    const [inner, outer] = [allocate(machine), allocate(machine)]
    setPointer(machine, outer.address, inner)
    expect(unreachable(machine)).toEqual([outer.id])
  })

  it('is reported once for a cycle of objects', () => {
    const { machine } = withVariable()
    const [first, second, alone] = [allocate(machine), allocate(machine), allocate(machine)]
    setPointer(machine, first.address, second)
    setPointer(machine, second.address, first)
    expect(unreachable(machine)).toEqual([first.id, alone.id])
  })
})

it('includes the containing object of pointers to the start of an object, and no other pointers', () => {
  const { machine, variable } = withVariable()
  const [object, holder] = [allocate(machine), allocate(machine)]
  setPointer(machine, variable, object)
  setPointer(machine, object.address + 8, holder, 8)
  setPointer(machine, holder.address, object)
  setPointer(machine, holder.address + 8, object, 8)
  const { pointers } = scanMemory(machine, 'thing')
  expect(pointers.get(object)?.map((one) => one?.id ?? null)).toEqual([null, holder.id])
  expect(pointers.has(holder)).toBe(false)
  expect(scanMemory(machine, 'other').pointers.size).toBe(0)
})
