// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseModule } from '../src/index.ts'
import { fixtureText, functionOf, instructionsOf } from './support.ts'

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 200)

describe('unknown text', () => {
  it('becomes one unknown instruction; later instructions are parsed', () => {
    const module = functionOf(['%3 = frobnicate <4 x float> %0, !dbg !7', '%4 = add i32 %0, 1', 'ret i32 %4'])
    expect(instructionsOf(module, 'f')).toMatchObject([
      { opcode: 'unknown', result: '3', location: 7, text: '%3 = frobnicate <4 x float> %0, !dbg !7' },
      { opcode: 'binary', result: '4' },
      { opcode: 'ret' },
    ])
  })

  it('may span several lines', () => {
    const module = functionOf([
      '%3 = invoke i32 @g(i32 %0)',
      '        to label %4 unwind label %5, !dbg !7',
      'ret i32 0',
    ])
    expect(instructionsOf(module, 'f').map(({ opcode }) => opcode)).toEqual(['unknown', 'ret'])
  })

  it('covers a line with extra text after an instruction', () => {
    const module = functionOf(['%3 = add i32 %0, 1 %0', 'ret i32 %3'])
    expect(instructionsOf(module, 'f').map(({ opcode }) => opcode)).toEqual(['unknown', 'ret'])
  })

  it('in a global variable affects only its initializer', () => {
    const module = parseModule('@x = internal global i32 frob (i32 1), section "s", align 4\n')
    expect(module.globals.get('x')).toMatchObject({
      initializer: { kind: 'unknown', text: 'frob(i32 1)' },
      section: 's',
      alignment: 4,
    })
  })

  it('at file scope is listed', () => {
    const module = parseModule('@x = whatever\ndefine i32 @f( {\n  ret i32 0\n}\n@y = global i8 1\n')
    expect(module.problems.map(({ text }) => text)).toEqual(['@x = whatever', 'define i32 @f( {'])
    expect([...module.globals.keys()]).toEqual(['y'])
  })

  it('never throws, even if lines are lost, doubled or cut', () => {
    const lines = fixtureText('shapes.ppc64le.clang-19.ll').split('\n')
    const change = fc.record({
      line: fc.nat(lines.length - 1),
      kind: fc.constantFrom('drop', 'double', 'cut', 'swap', 'insert'),
      at: fc.nat(80),
      text: fc.string({ maxLength: 6 }),
    })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
        const changed = [...lines]
        for (const { line, kind, at, text } of changes) {
          const old = changed[line] ?? ''
          if (kind === 'drop') changed[line] = ''
          else if (kind === 'double') changed[line] = `${old}\n${old}`
          else if (kind === 'cut') changed[line] = old.slice(0, at)
          else if (kind === 'insert') changed[line] = old.slice(0, at) + text + old.slice(at)
          else changed[line] = changed[(line + at) % changed.length] ?? ''
        }
        const module = parseModule(changed.join('\n'))
        for (const { body, subprogram } of module.functions.values()) {
          for (const { instructions } of body()?.blocks ?? []) {
            for (const { location } of instructions) module.debug.location(location)
          }
          module.debug.subprogram(subprogram)
        }
        for (const name of module.debug.structNames()) {
          const struct = module.debug.structNamed(name)
          module.debug.fieldAt(struct, 12)
        }
      }),
      { numRuns },
    )
  })
})
