// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { outputOf, playing, results } from './sandboxed.ts'

describe('patched code', () => {
  it('sees only the language', async () => {
    const known =
      'Object.getOwnPropertyNames(globalThis).filter((name) => !/^[A-Z]/.test(name)).sort().join(" ")'
    expect(await outputOf(`return ${known}`)).toBe(
      'decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval globalThis isFinite isNaN loadProgram parseFloat parseInt readHits runJob undefined unescape'
        .split(' ')
        .sort()
        .join(' '),
    )
  })

  it('gets objects of its own realm only, also from an import that fails, an error, or a call site', async () => {
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
      Error.stackTraceLimit = Infinity
      Error.prepareStackTrace = (error, sites) => {
        look('error', error); look('sites', sites)
        for (const site of sites) {
          look('site', site); look('this', site.getThis()); look('function', site.getFunction())
          look('evalOrigin', site.getEvalOrigin?.())
        }
        return 'text ' + sites.length
      }
      const stack = new Error('x').stack
      if (!/^text [1-9]/.test(stack)) foreign.push('no call sites')
      let depth = 0
      const deep = () => { depth++; try { deep() } catch (error) { look('overflow', error); try { look('nested', new Error('x').stack) } catch (inner) { look('inner', inner) } } }
      deep()
      let seen
      Object.defineProperty(globalThis, 'accessor', { get() { return this }, set(value) { seen = this }, configurable: true })
      look('accessor', accessor); globalThis.accessor = 1; look('setter', seen)
      look('arguments', (function () { return arguments })())
      const tagged = ((strings) => strings)\`x\`
      look('template', tagged)
      return foreign.join(', ') + ' of ' + (depth > 100)
    `
    expect(await outputOf(body)).toBe(' of true')
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

  it('can still give errors and objects members that the language has too', async () => {
    expect(
      await outputOf(`
        class Halt extends Error { constructor() { super('x'); this.name = 'Halt'; this.message = 'y' } }
        const table = {}; table.constructor = 1; table['toString'] = 2
        const error = new Error('a'); error.message = 'b'
        return [new Halt().name, new Halt().message, table.constructor, table.toString, error.message, Object.keys(table)].join()
      `),
    ).toBe('Halt,y,1,2,b,constructor,toString')
  })

  it('can read its own call chain, as the models do', async () => {
    const body = `
      const before = Error.prepareStackTrace
      Error.stackTraceLimit = 50
      Error.prepareStackTrace = (_error, sites) => sites
      function of_node_get() { const holder = {}; Error.captureStackTrace(holder); return holder.stack }
      function of_find_node() { return of_node_get() }
      const names = of_find_node().slice(0, 2).map((site) => [site.getFunctionName(), typeof site.getFileName(), site.getLineNumber() > 0].join(':'))
      Error.prepareStackTrace = before
      return names.join()
    `
    expect(await outputOf(body)).toBe('of_node_get:string:true,of_find_node:string:true')
  })

  it('that breaks out of its function is still in the realm', async () => {
    const bundle = '}); throw new Error(typeof process + typeof require); (() => {'
    const [result] = await results(bundle, ['a'])
    expect(result).toEqual({
      status: 'crashed',
      reason: 'the program ended in an error that it did not let out',
      hits: [],
    })
    expect(await results('}, job); ({ toString() { return "o\\nforged" } }); (() => {', ['a'])).toMatchObject(
      [{ status: 'crashed' }],
    )
  })
})
