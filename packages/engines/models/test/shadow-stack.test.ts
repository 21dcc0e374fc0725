// SPDX-License-Identifier: GPL-2.0-only
import { transformSync } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { putCalls, shadowStackVariables } from '../src/compile/shadow-stack.ts'

const isCall = (name: string): boolean => name.includes('_')

/**
 * Runs code with a shadow stack. `chain()` returns the calls, innermost first; `fault(error)` returns the calls that
 * the error left.
 */
function run(code: string): unknown {
  const stacked = putCalls('x.ts', code, isCall)
  expect(stacked.split('\n')).toHaveLength(code.split('\n').length)
  const { code: js } = transformSync(stacked, { loader: 'ts', target: 'es2022' })
  const program = `"use strict"; ${shadowStackVariables}
    const read = (call) => { const names = []; for (; call !== null; call = call.up) names.push(call.name); return names.join(' < ') }
    const chain = () => read(__pfoCall)
    const fault = (error) => error === __pfoFault ? read(__pfoFaultCall) : 'unknown'
    ${js}
    const result = main()
    return chain() === '' ? result : 'unbalanced: ' + chain()`
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- runs what this test has written
  return (new Function(program) as () => unknown)()
}

describe('the shadow stack contains', () => {
  it.each([
    ['a function', 'function a_b() { return chain() }', 'a_b()'],
    ['a function whose last line is a comment', 'function a_b() { return chain() // }\n}', 'a_b()'],
    ['an arrow function that makes an object', 'const a_b = () => ({ x: chain() })', 'a_b().x'],
    ['a function expression', 'const x = { f: function a_b() { return chain() } }', 'x.f()'],
    ['a method', 'class X { a_b() { return chain() } }', 'new X().a_b()'],
    ['a static method', 'class X { static a_b() { return chain() } }', 'X.a_b()'],
    ['a method of an object', 'const x = { a_b() { return chain() } }', 'x.a_b()'],
    ['a method with a name in quotes', "const x = { 'a_b'() { return chain() } }", 'x.a_b()'],
    ['the function of a field', 'class X { a_b = () => chain() }', 'new X().a_b()'],
    ['the function of a property', 'const x = { a_b: () => chain() }', 'x.a_b()'],
    ['a function that is assigned', 'const x: any = {}; x.a_b = () => chain()', 'x.a_b()'],
    ['a function with a type assertion', 'const a_b = (() => chain()) as () => string', 'a_b()'],
    ['the default function of a parameter', 'function f(a_b = () => chain()) { return a_b() }', 'f()'],
  ])('%s', (_what, code, call) => {
    expect(run(`${code}\nfunction main() { return ${call} }`)).toBe('a_b')
  })

  it.each([
    ['a function while it runs', 'function a_b() {} return a_b() ?? chain()', ''],
    ['an arrow function with a parameter', 'const a_b = (x: 1) => chain() + x; return a_b(1)', 'a_b1'],
    [
      'callers',
      'function a_b() { return c_d() } function c_d() { return chain() } return a_b()',
      'c_d < a_b',
    ],
    [
      'the outer one',
      'const a_b = () => { const c_d = () => chain(); return c_d() }; return a_b()',
      'c_d < a_b',
    ],
    [
      'none that returned',
      'const a_b = () => () => chain(), c_d = (f: any) => f(); return c_d(a_b())',
      'c_d',
    ],
    ['each call', 'function a_b(n) { return n ? a_b(n - 1) : chain() } return a_b(2)', 'a_b < a_b < a_b'],
  ])('%s', (_what, body, expected) => {
    expect(run(`function main() { ${body} }`)).toBe(expected)
  })

  it.each([
    ['functions in camelCase', 'function aB() { return chain() }', 'aB()'],
    ['anonymous functions', '', '[1].map(() => chain()).join()'],
    ['constructors', 'class X { x_y; constructor() { this.x_y = chain() } }', 'new X().x_y'],
    ['getters', 'class X { get x_y() { return chain() } }', 'new X().x_y'],
    ['setters', "let seen = ''; class X { set x_y(to: 1) { seen = chain() } }", '(new X().x_y = 1, seen)'],
    ['private methods', 'class X { #x_y() { return chain() } f() { return this.#x_y() } }', 'new X().f()'],
    ['generators', 'function* a_b() { yield chain() }', '[...a_b()][0]'],
    ['async functions', "let seen = ''; const a_b = async () => { seen = chain() }", '(a_b(), seen)'],
    ['declarations', 'declare function a_b(): 1; function f(): 1; function f() { return chain() }', 'f()'],
  ])('not %s', (_what, code, call) => {
    expect(run(`${code}\nfunction main() { return ${call} }`)).toBe('')
  })
})

describe('the shadow stack is restored', () => {
  it.each([
    ['a throw', 'function a_b() { throw 1 }', 'try { a_b() } catch {} return chain()'],
    [
      'a throw that a function on the way catches',
      'function a_b() { throw 1 } function c_d() { try { a_b() } catch { return chain() } }',
      'return c_d()',
      'c_d',
    ],
    [
      'a return from a finally block',
      'function a_b() { try { throw 1 } finally { return chain() } }',
      'return a_b()',
      'a_b',
    ],
    [
      'a throw from a finally block',
      'function a_b() { try { return 1 } finally { throw 2 } }',
      'try { a_b() } catch {} return chain()',
    ],
    [
      'a jump out of a finally block',
      'function a_b() { for (;;) { try { throw 1 } finally { break } } return chain() }',
      'return a_b()',
      'a_b',
    ],
    [
      'an unfinished generator',
      'function c_d() { return chain() } function* a_b() { try { yield c_d() } finally { c_d() } }',
      'const it = a_b(); it.next(); return chain()',
    ],
    [
      'a generator that is made to return',
      'function c_d() { return chain() } function* a_b() { try { yield 1 } finally { c_d() } }',
      'const it = a_b(); it.next(); it.return(1); return chain()',
    ],
    [
      'a generator that is made to throw',
      'function* a_b() { try { yield 1 } catch { yield chain() } }',
      'const it = a_b(); it.next(); return it.throw(1).value',
    ],
    [
      'a generator that another function resumes',
      'function* f() { yield a_b(); yield a_b() } function a_b() { return chain() } function c_d(it: any) { return it.next().value }',
      'const it = f(); it.next(); return c_d(it)',
      'a_b < c_d',
    ],
    [
      'a return from a loop over a generator',
      'function* a_b() { yield 1; yield 2 } function c_d() { for (const x of a_b()) return chain() }',
      'return c_d()',
      'c_d',
    ],
    ['unbounded recursion', 'function a_b() { a_b() }', 'try { a_b() } catch {} return chain()'],
    [
      'unbounded recursion that is caught on the way',
      'function a_b(): number { try { return a_b() + 1 } catch { return 0 } }',
      'a_b(); return chain()',
    ],
    [
      'a getter that throws',
      'const x = { get y() { throw 1 } }; function a_b() { return x.y }',
      'try { a_b() } catch {} return chain()',
    ],
    [
      'a proxy that throws',
      'const x = new Proxy({}, { get() { return c_d() } }) as any; function c_d() { throw 1 } function a_b() { return x.y }',
      'try { a_b() } catch {} return chain()',
    ],
    [
      'a callback of a built-in function that throws',
      'function a_b() { [1].forEach(function c_d() { throw 1 }) }',
      'try { a_b() } catch {} return chain()',
    ],
    [
      'a promise that catches an error',
      'function a_b() { new Promise(() => { c_d() }).catch(() => 0) } function c_d() { throw 1 }',
      'a_b(); return chain()',
    ],
    [
      'an async function that resumes later',
      'async function a_b() { await 0; c_d() } function c_d() {} function e_f() { void a_b(); return chain() }',
      'return e_f()',
      'e_f',
    ],
  ])('after %s', (_what, code, body, expected = '') => {
    expect(run(`${code}\nfunction main() { ${body} }`)).toBe(expected)
  })
})

describe('the call chain of a thrown error', () => {
  it.each([
    [
      'is known after its functions are unwound',
      'function a_b() { c_d() } function c_d() { f() } function f() { throw error }',
      'c_d < a_b',
    ],
    [
      'is that of the first throw, not of a rethrow',
      'function a_b() { try { c_d() } catch (e) { throw e } } function c_d() { throw error }',
      'c_d < a_b',
    ],
    [
      'is that of the last error',
      'function a_b() { try { c_d() } catch {} try { throw 1 } catch {} throw error } function c_d() { throw 2 }',
      'a_b',
    ],
  ])('%s', (_what, code, expected) => {
    expect(
      run(
        `const error = new Error(); ${code}\nfunction main() { try { a_b() } catch (e) { return fault(e) } }`,
      ),
    ).toBe(expected)
  })

  it('is unknown for another error', () => {
    expect(
      run('function a_b() { throw 1 }\nfunction main() { try { a_b() } catch {} return fault(2) }'),
    ).toBe('unknown')
  })
})
