// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { addressOf, pointerTo, scanMemory, type Machine, type ObjectRecord } from '../src/index.ts'
import { fakeMachine } from '../src/fake/index.ts'

const track = { sites: [] } as unknown as ObjectRecord['allocated']

function allocate(machine: Machine, origin: 'slab' | 'memblock' = 'slab', struct = 'thing'): ObjectRecord {
  return machine.allocator.allocate({ size: 24, struct, zeroed: true, origin, track })
}

const setPointer = (machine: Machine, address: number, to: ObjectRecord, offset = 0): void => {
  machine.memory.setU64(address, pointerTo(to.address + offset))
}

const unreachable = (machine: Machine): string[] =>
  scanMemory(machine, 'thing').unreachable.map(({ id }) => id)

/** A machine with a variable for a pointer. */
const withVariable = (): { machine: Machine; variable: number } => {
  const { machine } = fakeMachine({ data: { list: 8 } })
  return { machine, variable: addressOf(machine.pointerTo('list')) }
}

describe('memory in use to which no pointer leads', () => {
  it('is found', () => {
    const { machine } = withVariable()
    allocate(machine)
    expect(unreachable(machine)).toEqual(['thing#0'])
  })

  it('is not what a variable leads to, or what that leads to, at its beginning or in the middle', () => {
    const { machine, variable } = withVariable()
    const [first, second] = [allocate(machine), allocate(machine)]
    setPointer(machine, variable, first, 8)
    setPointer(machine, first.address + 16, second)
    expect(unreachable(machine)).toEqual([])
  })

  it('is not memory of the boot allocator, nor what lies in it', () => {
    const { machine } = withVariable()
    setPointer(machine, allocate(machine, 'memblock').address, allocate(machine))
    expect(unreachable(machine)).toEqual([])
  })

  it('is not what memory beside of objects leads to, which functions in C’s place have', () => {
    const { machine } = withVariable()
    const object = allocate(machine)
    setPointer(machine, addressOf(machine.allocator.reserve(16)), object)
    expect(unreachable(machine)).toEqual([])
  })

  it('is not what functions in C’s place keep, or put off', () => {
    const { machine } = withVariable()
    const [kept, deferred] = [allocate(machine), allocate(machine)]
    machine.stateOf(Symbol('test'), () => new Map([['name', { at: pointerTo(kept.address) }]]))
    const object = pointerTo(deferred.address)
    machine.deferred.add({ kind: 'work', object, callback: 0n, queue: 0n, delay: 0n })
    expect(unreachable(machine)).toEqual([])
  })

  it('is not memory that was freed, and nothing leads on from there', () => {
    const { machine, variable } = withVariable()
    const [freed, second] = [allocate(machine), allocate(machine)]
    setPointer(machine, variable, freed)
    machine.allocator.poisons = false
    setPointer(machine, freed.address, second)
    machine.allocator.release(freed, track)
    expect(unreachable(machine)).toEqual([second.id])
  })

  it('is told without what only other such memory leads to', () => {
    const { machine } = withVariable()
    const [inner, outer] = [allocate(machine), allocate(machine)]
    setPointer(machine, outer.address, inner)
    expect(unreachable(machine)).toEqual([outer.id])
  })

  it('is told once of objects that lead to each other', () => {
    const { machine } = withVariable()
    const [first, second, alone] = [allocate(machine), allocate(machine), allocate(machine)]
    setPointer(machine, first.address, second)
    setPointer(machine, second.address, first)
    expect(unreachable(machine)).toEqual([first.id, alone.id])
  })
})

it('pointers to the beginning of an object are told with the object that they lie in, others are not', () => {
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
