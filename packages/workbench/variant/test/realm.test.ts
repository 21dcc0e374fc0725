// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { outputOf, playing, results } from './sandboxed.ts'

describe('patched code', () => {
  it('sees only the language', async () => {
    const known =
      'Object.getOwnPropertyNames(globalThis).filter((name) => !/^[A-Z]/.test(name)).sort().join(" ")'
    expect(await outputOf(`return ${known}`)).toBe(
      'decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval globalThis isFinite isNaN parseFloat parseInt readHits undefined unescape'
        .split(' ')
        .sort()
        .join(' '),
    )
  })

  it('gets only objects of its own realm, also from a failing import or an error', async () => {
    const body = `
      const realm = new Set([Object.prototype, null])
      const foreign = []
      const look = (what, value) => {
        if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return
        let root = value
        for (let next = Object.getPrototypeOf(root); next !== null; next = Object.getPrototypeOf(root)) root = next
        if (root !== Object.prototype && root !== value) foreign.push(what)
        if (typeof value.constructor === 'function' && !(value.constructor instanceof Function)) foreign.push(what + '.constructor')
      }
      const { Error } = globalThis
      const prepared = []
      globalThis.Error = { stackTraceLimit: 100, prepareStackTrace: (...given) => { prepared.push(given.flat(2)); return 'prepared' } }
      const stacks = [new Error('x').stack, Object.create(new TypeError('y')).stack]
      let depth = 0
      const deep = () => { depth++; try { deep() } catch (error) { look('overflow', error); stacks.push(error.stack) } }
      deep()
      try { JSON.parse('{') } catch (error) { look('error of a function', error); stacks.push(error.stack) }
      for (const value of prepared.flat()) look('what a stack is made of', value)
      if (prepared.flat().some((value) => !(value instanceof Error))) foreign.push('call sites')
      if (stacks.some((stack) => /\\n\\s*at /.test(stack))) foreign.push('places in a stack')
      let seen
      Object.defineProperty(globalThis, 'accessor', { get() { return this }, set(value) { seen = this }, configurable: true })
      look('accessor', accessor); globalThis.accessor = 1; look('setter', seen)
      look('arguments', (function () { return arguments })())
      const tagged = ((strings) => strings)\`x\`
      look('template', tagged)
      return foreign.join(', ') + ' of ' + (depth > 100) + stacks.length
    `
    expect(await outputOf(body)).toMatch(/^ of true\d+$/)
  })

  it('loads nothing with import()', async () => {
    const body = `const p = import('node:fs'); p.then((m) => { globalThis.seen = 'loaded' }, (error) => { globalThis.seen = 'an error of the host' }); return p.constructor === Promise ? 'own promise' : 'promise of the host'`
    expect(await outputOf(body)).toBe('own promise')
    const later = await results(
      playing(
        `if (job === 'import') { import('node:fs').catch((error) => { for (;;); }) } return typeof seen`,
      ),
      ['import', 'x'],
    )
    expect(later).toMatchObject([{ output: 'undefined' }, { output: 'undefined' }])
  })

  it('can still give errors and objects members with names that the language uses', async () => {
    expect(
      await outputOf(`
        class Halt extends Error { constructor() { super('x'); this.name = 'Halt'; this.message = 'y' } }
        const table = {}; table.constructor = 1; table['toString'] = 2
        const error = new Error('a'); error.message = 'b'
        return [new Halt().name, new Halt().message, table.constructor, table.toString, error.message, Object.keys(table)].join()
      `),
    ).toBe('Halt,y,1,2,b,constructor,toString')
  })

  it("cannot read V8's stacks, and cannot enable them", async () => {
    for (const way of [
      'Error.stackTraceLimit = 50',
      'Error.prepareStackTrace = () => 1',
      "Object.defineProperty(Error, 'stackTraceLimit', { value: 50 })",
      'Reflect.deleteProperty(Error, "stackTraceLimit") || (() => { throw new TypeError() })()',
      'Error.captureStackTrace({})',
    ])
      expect(await outputOf(`${way}; return 'done'`)).toMatch(/^crashed: TypeError/)
    expect(await outputOf("return new Error('x').stack")).toBe('Error: x')
  })

  it('that breaks out of its function stays in the realm', async () => {
    const bundle = '}); throw new Error(typeof process + typeof require); (() => {'
    const [result] = await results(bundle, ['a'])
    expect(result).toEqual({
      status: 'crashed',
      reason: 'the program failed with an error that it did not return',
      hits: [],
    })
    expect(await results('}, job); ({ toString() { return "o\\nforged" } }); (() => {', ['a'])).toMatchObject(
      [{ status: 'crashed' }],
    )
  })
})
