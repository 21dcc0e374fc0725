// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { parseModule, printValue, type IrModule } from '../src/index.ts'
import { compileShapes, fixture, fixtures, instructionsOf, only } from './support.ts'

/**
 * Number of instructions by function and opcode. clang 16 writes a comparison of addresses as a constant, which is
 * counted as an `icmp`.
 */
function outline(module: IrModule): Record<string, Record<string, number>> {
  const all: Record<string, Record<string, number>> = {}
  for (const { name, defined } of module.functions.values()) {
    if (!defined) continue
    const counts: Record<string, number> = (all[name] = {})
    for (const instruction of instructionsOf(module, name)) {
      const constant = instruction.opcode === 'condbr' && instruction.condition.kind === 'icmp'
      for (const opcode of constant ? ['icmp', 'condbr'] : [instruction.opcode])
        counts[opcode] = (counts[opcode] ?? 0) + 1
    }
  }
  return all
}

describe.each(fixtures)('%s', (name) => {
  const module = fixture(name)

  it('is parsed completely, except for floating point', () => {
    expect(module.problems).toEqual([])
    const unknown = [...module.functions.values()].flatMap(
      ({ body }) =>
        body()
          ?.blocks.flatMap(({ instructions }) => instructions)
          .filter(({ opcode }) => opcode === 'unknown') ?? [],
    )
    expect(unknown).toEqual([
      expect.objectContaining({ result: '7', text: expect.stringContaining('fpext') as string }),
    ])
  })

  it('has definitions, declarations, linkage and attributes', () => {
    const { functions, globals, aliases } = module
    expect(functions.get('make')).toMatchObject({ defined: true, linkage: 'external' })
    expect(functions.get('triple')).toMatchObject({ defined: true, linkage: 'internal' })
    expect(functions.get('triple')?.attributes.has('alwaysinline')).toBe(true)
    expect(functions.get('elsewhere')).toMatchObject({ defined: false, type: { variadic: true } })
    expect(functions.get('elsewhere')?.body()).toBeNull()
    expect(functions.get('maybe')?.linkage).toBe('extern_weak')
    expect(globals.get('counter')).toMatchObject({
      linkage: 'internal',
      section: '.data.counted',
      alignment: 32,
    })
    expect(globals.get('per_thread')?.threadLocal).toBe(true)
    expect(aliases.get('other_name')?.target).toMatchObject({ kind: 'global', name: 'choose' })
    expect(module.moduleAsm).toEqual(['.section .keep', '.long 1', '.previous'])
  })

  it('has initializers', () => {
    const { globals } = module
    const text = globals.get('.str.1')?.initializer
    expect(text?.kind === 'bytes' ? new TextDecoder().decode(text.bytes) : null).toBe('two\n"quoted"\\\0')
    expect(globals.get('counter')?.initializer).toMatchObject({ kind: 'integer', value: 3n })
    expect(globals.get('names')?.initializer).toMatchObject({
      kind: 'aggregate',
      elements: [{ kind: 'global', name: '.str' }, { kind: 'global', name: '.str.1' }, { kind: 'null' }],
    })
    expect(globals.get('inside')?.initializer).toMatchObject({
      kind: 'getelementptr',
      base: { name: 'first' },
    })
    expect(globals.get('address_and_one')?.initializer).toMatchObject({ kind: 'cast', operation: 'ptrtoint' })
  })

  it('has names of variables and locations of instructions', () => {
    const { debug } = module
    const body = module.functions.get('total')?.body()
    const variables = body?.debugRecords.map(({ variable }) => debug.variable(variable))
    expect(variables?.map((variable) => [variable?.name, variable?.argument])).toEqual([
      ['count', 1],
      ['list', 0],
      ['sum', 0],
    ])
    const addition = only(module, 'total', 'binary').find(
      ({ operation, left }) => operation === 'add' && left.kind === 'local',
    )
    const place = debug.location(addition?.location ?? null)
    expect(place).toMatchObject({ file: 'shapes.c', function: 'total', inlinedAt: null })
    expect(place?.line).toBeGreaterThan(0)
    expect(debug.subprogram(module.functions.get('total')?.subprogram ?? null)).toMatchObject({
      name: 'total',
      file: 'shapes.c',
    })
  })

  it('has structures with names, fields and offsets', () => {
    const { debug, dataLayout } = module
    const item = debug.structNamed('item')
    const names = debug.fields(item).map(({ name: field }) => field)
    expect(names).toEqual(['next', 'name', 'ref', 'whole', 'parts', 'flags', 'place', 'body'])
    const pointer = dataLayout.pointerSize
    expect(debug.fieldAt(item, 0)).toBe('next')
    expect(debug.fieldAt(item, pointer * 2)).toBe('ref.count')
    const body = debug.fields(item).at(-1)?.bitOffset ?? 0
    expect(debug.fieldAt(item, body / 8 + 3)).toBe('body[3]')
    const flags = debug.fields(debug.structNamed('flags'))
    expect(flags.map(({ name: field, bitSize, bitField }) => [field, bitSize, bitField])).toEqual([
      ['ready', 3, true],
      ['count', 7, true],
      ['bias', 5, true],
      ['tail', 24, false],
    ])
    expect(debug.structNamed('nobody')).toBeNull()
  })

  it('has control flow', () => {
    const [branch] = only(module, 'choose', 'switch')
    expect(branch?.cases.map(({ value }) => printValue(value))).toEqual(['0', '5', '-1'])
    expect(only(module, 'label', 'indirectbr')).toHaveLength(1)
    const [jump] = only(module, 'asm_goto', 'callbr')
    expect(jump?.callee).toMatchObject({ kind: 'asm', text: '1: nop', constraints: 'r,!i', sideEffect: true })
    expect(jump?.indirect).toHaveLength(1)
    expect(only(module, 'uses_inline', 'phi').length).toBeGreaterThan(0)
    const entry = module.functions.get('choose')?.body()?.blocks[0]
    expect(entry?.name).toBe('2')
  })

  it('has calls with their types and argument attributes', () => {
    const calls = only(module, 'through', 'call')
    const variadic = calls.find(({ callee }) => callee.kind === 'global' && callee.name === 'elsewhere')
    expect(variadic?.functionType).toMatchObject({
      variadic: true,
      parameters: [{ kind: 'integer', bits: 32 }],
    })
    expect(variadic?.arguments).toHaveLength(4)
    const indirect = calls.find(({ callee }) => callee.kind === 'local')
    expect(indirect?.argumentAttributes[1]?.zeroExtend).toBe(true)
    const [exchange] = only(module, 'exchange', 'call').filter(({ callee }) => callee.kind === 'asm')
    expect(exchange?.callee).toMatchObject({ constraints: expect.stringContaining('=*m') as string })
    expect(exchange?.argumentAttributes[0]?.elementType).toMatchObject({ kind: 'integer', bits: 32 })
  })

  it('has atomic instructions', () => {
    expect(only(module, 'atomics', 'cmpxchg')).toHaveLength(1)
    expect(only(module, 'atomics', 'fence')).toHaveLength(1)
    expect(only(module, 'atomics', 'atomicrmw')).toMatchObject([{ operation: 'add' }])
  })
})

describe('versions of clang', () => {
  it('16 and 19 emit the same instructions', () => {
    expect(outline(fixture('shapes.ppc64le.clang-16.ll'))).toEqual(
      outline(fixture('shapes.ppc64le.clang-19.ll')),
    )
  })

  it.each(['clang-16', 'clang-19', 'clang'])('%s, if installed, emits what the committed fixture has', (clang) => {
    const text = compileShapes(clang, 'powerpc64le-linux-gnu')
    if (text === null) return
    const version = Number(/clang version (\d+)/.exec(text)?.[1])
    if (version < 16) return
    expect(outline(parseModule(text))).toEqual(outline(fixture('shapes.ppc64le.clang-19.ll')))
  })
})

describe('targets', () => {
  it('have their own byte order and sizes', () => {
    const sizes = Object.fromEntries(
      fixtures.map((name) => {
        const { dataLayout, structs } = fixture(name)
        const pair = structs.get('struct.pair')
        return [
          name,
          [dataLayout.bigEndian, dataLayout.pointerSize, pair === undefined ? 0 : dataLayout.size(pair)],
        ]
      }),
    )
    expect(sizes).toEqual({
      'shapes.ppc64le.clang-16.ll': [false, 8, 16],
      'shapes.ppc64le.clang-19.ll': [false, 8, 16],
      'shapes.ppc.clang-19.ll': [true, 4, 8],
      'shapes.arm.clang-19.ll': [false, 4, 8],
    })
  })
})
