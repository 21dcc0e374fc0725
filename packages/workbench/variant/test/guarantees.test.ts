// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { defaultLimits, runInSandbox, type JobResult, type RealmKind } from '../src/index.ts'
import { playing, small } from './sandboxed.ts'

/**
 * A kind of program, with jobs that misbehave. In a program of the kind `wasm`, the patched part is WebAssembly, which
 * sees only its imports; the loader belongs to the workbench.
 */
interface KindOfProgram {
  readonly name: string
  readonly kind: RealmKind
  /** Does not end. */
  readonly endless: string
  /** Fails the way patched code of this kind can. */
  readonly failing: string
}

const sized = (...bytes: readonly number[]): number[] => [bytes.length, ...bytes]
const named = (name: string, index: number): number[] => [...sized(...Buffer.from(name)), 0, index]
/** The bytes of a function that computes: n += 1; memory[0] += n; return n * 16 + memory[0]. */
const counted = [
  ...[0x23, 0, 0x41, 1, 0x6a, 0x24, 0],
  ...[0x41, 0, 0x41, 0, 0x28, 2, 0, 0x23, 0, 0x6a, 0x36, 2, 0],
  ...[0x23, 0, 0x41, 16, 0x6c, 0x41, 0, 0x28, 2, 0, 0x6a, 0x0b],
]
/** A module with a memory, a global variable `n`, and functions that count in both, loop forever, and trap. */
const module = [
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, ...sized(2, 0x60, 0, 1, 0x7f, 0x60, 0, 0)],
  ...[3, ...sized(3, 0, 1, 1)],
  ...[5, ...sized(1, 0, 1)],
  ...[6, ...sized(1, 0x7f, 1, 0x41, 0, 0x0b)],
  ...[7, ...sized(3, ...named('count', 0), ...named('spin', 1), ...named('trap', 2))],
  ...[
    10,
    ...sized(3, ...sized(0, ...counted), ...sized(0, 3, 0x40, 0x0c, 0, 0x0b, 0x0b), ...sized(0, 0, 0x0b)),
  ],
]
const loader = `const { exports } = new __pfoWasm.Instance(new __pfoWasm.Module(new Uint8Array(${JSON.stringify(module)})))`

const kinds: readonly KindOfProgram[] = [
  {
    name: 'patched JavaScript',
    kind: 'closed',
    endless: playing("if (job === 'last') return job; for (;;);"),
    failing: playing("if (job === 'last') return job; null.x"),
  },
  {
    name: 'WebAssembly',
    kind: 'wasm',
    endless: playing("if (job === 'last') return job; exports.spin()", loader),
    failing: playing("if (job === 'last') return job; exports.trap()", loader),
  },
]

async function results(
  bundle: string,
  jobs: readonly string[],
  kind: RealmKind = 'closed',
  limits = small,
): Promise<JobResult[]> {
  const found: JobResult[] = []
  for await (const result of runInSandbox(bundle, jobs, limits, undefined, kind)) found.push(result)
  return found
}

const saying = (result: JobResult | undefined): string =>
  result === undefined
    ? 'nothing'
    : result.status === 'ok'
      ? result.output
      : `${result.status}: ${result.reason}`

it('a job of patched JavaScript leaves nothing for the next, alone or after others', async () => {
  const counting = playing(
    'count++; globalThis.count = (globalThis.count ?? 0) + 1; return `${count} ${globalThis.count}`',
    'let count = 0',
  )
  const [alone] = await results(counting, ['a'])
  expect(alone?.status).toBe('ok')
  expect((await results(counting, ['a', 'b', 'c'])).map(saying)).toEqual(Array(3).fill(saying(alone)))
})

describe('a program of WebAssembly', () => {
  // The program restores the memory of its C code; tests of the engine cover that.
  const counting = playing('if (job === "trap") exports.trap(); return String(exports.count())', loader)

  it('is loaded once while its jobs succeed, and again after one that fails', async () => {
    const found = await results(counting, ['a', 'b', 'trap', 'c', 'd'], 'wasm')
    expect(found.map((one) => (one.status === 'ok' ? one.output : one.status))).toEqual([
      '17',
      '35',
      'crashed',
      '17',
      '35',
    ])
  })

  it('reports the hits of each job separately', async () => {
    const hitting = playing('__pfoHits[Number(job)] = 1; return ""')
    const found = await results(hitting, ['3', '5', '4'], 'wasm')
    expect(found.map(({ hits }) => hits)).toEqual([[3], [5], [4]])
  })
})

describe.each(kinds)('a job of $name', ({ kind, endless, failing }) => {
  it('that does not end is stopped, and the next one finds nothing of it', async () => {
    const found = await results(endless, ['first', 'last'], kind, { ...small, jobMilliseconds: 200 })
    expect(found.map(saying)).toEqual(['timeout: it ran longer than 0.2 s and was stopped', 'last'])
  })

  it('that fails has the failure as its result, and the next one finds nothing of it', async () => {
    const [first, last] = await results(failing, ['first', 'last'], kind)
    expect(first?.status).toBe('crashed')
    expect(saying(last)).toBe('last')
  })
})

it('only the loader of WebAssembly can compile bytes to a program', async () => {
  const body = 'return [typeof WebAssembly, typeof __pfoWasm, typeof globalThis.__pfoWasm].join()'
  expect(saying((await results(playing(body), ['']))[0])).toBe('undefined,undefined,undefined')
  expect(saying((await results(playing(body), [''], 'wasm'))[0])).toBe('undefined,object,undefined')
})

/**
 * Walks through all reachable objects: from the global object, and from objects created only by syntax or by the
 * engine. Writes down names, kinds, primitive values and function texts. At the end it lists everything that is not
 * immutable.
 */
const walk = `
  const seen = new Map(); const lines = []; const mutable = []
  const queue = []
  const look = (from, key, value) => {
    const what = typeof value
    if ((what !== 'object' || value === null) && what !== 'function') {
      lines.push(from + '.' + String(key) + '=' + (what === 'symbol' ? String(value) : what === 'bigint' ? value + 'n' : JSON.stringify(value) ?? what))
      return
    }
    let id = seen.get(value)
    if (id === undefined) { id = seen.size; seen.set(value, id); queue.push([value, id, from + '.' + String(key)]) }
    lines.push(from + '.' + String(key) + '->' + id)
  }
  const thrown = (act) => { try { act() } catch (fault) { return fault } }
  const deep = () => deep() + 1
  const own = new Set()
  const roots = {
    globalThis, functions: [async function () {}, function* () {}, async function* () {}, () => 1],
    iterators: [[].values(), ''[Symbol.iterator](), new Map().keys(), new Set().keys(), 'x'.matchAll(/x/g), Object.getPrototypeOf((function* () {}).prototype), Object.getPrototypeOf((async function* () {}).prototype)],
    errors: [thrown(() => null.x), thrown(() => deep()), thrown(() => JSON.parse('{')), thrown(() => decodeURI('%')), thrown(() => new Array(-1)),
      thrown(() => { throw new AggregateError([1], 'x') }), thrown(() => Symbol() + ''), thrown(() => missing), thrown(() => new Function('1')), new Error('x', { cause: 1 })],
    made: [/(?<x>x)/d.exec('x'), (function () { return arguments })(1), ((strings) => strings)\`x\`, Promise.resolve(), import('node:fs').catch((fault) => { globalThis.late = fault }),
      new Proxy({}, {}), Proxy.revocable({}, {}), new WeakMap(), new WeakSet(), new DataView(new ArrayBuffer(1)), new Uint8Array(1), Object(1n), Object(Symbol('x'))],
    symbols: Object.getOwnPropertyNames(Symbol),
  }
  const language = new Set()
  for (const key of Reflect.ownKeys(roots)) look('', key, roots[key])
  while (queue.length > 0) {
    const [object, id, path] = queue.pop()
    look(id, '[[Prototype]]', Object.getPrototypeOf(object))
    if (typeof object === 'function') lines.push(id + '.text=' + Function.prototype.toString.call(object))
    for (const key of Reflect.ownKeys(object)) {
      const property = Object.getOwnPropertyDescriptor(object, key)
      lines.push(id + '.' + String(key) + ':' + [property.writable, property.enumerable, property.configurable].join())
      if ('value' in property) look(id, key, property.value)
      else { look(id, 'get ' + String(key), property.get); look(id, 'set ' + String(key), property.set) }
    }
    if (path.startsWith('.globalThis') || path.includes('[[Prototype]]')) if (!Object.isFrozen(object)) mutable.push(path)
  }
`

describe('everything that a job can reach', () => {
  const folders: string[] = []
  const before = process.env['TMPDIR']
  afterEach(() => {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  })

  it('is the same in two processes, in two folders and in each job', async () => {
    const bundle = playing(`${walk} return lines.join('\\n')`)
    const limits = { ...defaultLimits, jobMilliseconds: 20_000 }
    const found: JobResult[] = []
    const root = tmpdir()
    for (const name of ['one', 'a-longer-name']) {
      const folder = mkdtempSync(join(root, `pfo-${name}-`))
      folders.push(folder)
      process.env['TMPDIR'] = folder
      found.push(...(await results(bundle, ['', ''], 'closed', limits)))
    }
    const [first] = found
    expect(saying(first).split('\n').length).toBeGreaterThan(4_000)
    for (const result of found) expect(saying(result) === saying(first)).toBe(true)
    expect(saying(first)).not.toMatch(/\/(?:tmp|usr|home|root|proc)\/|node:|\[as |[0-9a-f]{8}-[0-9a-f]{4}-/)
  })

  it('is immutable if it existed before, except for the global object itself', async () => {
    expect(saying((await results(playing(`${walk} return mutable.join('\\n')`), ['']))[0])).toBe(
      '.globalThis',
    )
  })
})

describe('a job that tries to remember', () => {
  const places: Record<string, string> = {
    'the prototype of Error': 'Object.setPrototypeOf(Error, mark)',
    'the prototype of the global object': 'Object.setPrototypeOf(globalThis, mark)',
    'that Error takes no more properties': 'Object.preventExtensions(Error)',
    'that an object of the language takes no more properties': 'Object.preventExtensions(Array.prototype)',
    'the order of names': 'const { Map } = globalThis; delete globalThis.Map; globalThis.Map = Map',
    'a name': 'globalThis.mark = mark',
    'a name that cannot be taken away': "Object.defineProperty(globalThis, 'mark', { value: mark })",
    'a symbol': "globalThis[Symbol.for('mark')] = mark",
    'a private name':
      'class Stamp extends (function (one) { return one }) { #x = 1; static has(one) { return #x in one } }; new Stamp(Object.prototype)',
    'the strings of a template': 'const tag = (strings) => strings; tag`mark`.mark = mark',
    'a getter on the way to a name': "Object.defineProperty(globalThis, 'Set', { get: () => mark })",
    'a promise that goes on later': 'Promise.resolve().then(() => { globalThis.mark = mark })',
    'a stack that overflowed': 'const deep = () => deep() + 1; deep()',
    'much memory': 'globalThis.mark = new Uint8Array(2 ** 24).fill(1)',
  }

  const look = `
    const names = Reflect.ownKeys(globalThis).map(String).join()
    let depth = 0; const deep = () => { depth++; deep() }; try { deep() } catch {}
    return [names, typeof globalThis.mark, Object.isExtensible(Error), Object.isExtensible(Array.prototype), Object.getPrototypeOf(Error) === Function.prototype,
      Object.getPrototypeOf(Object.getPrototypeOf(globalThis)) === null, Object.isExtensible(globalThis), typeof Set, depth].join(' ')`

  it.each(Object.keys(places))('in %s has nothing to remember', async (place) => {
    const bundle = playing(
      `const mark = { mark: 1 }; if (job === 'leave') { try { ${places[place] ?? ''} } catch {} return 'left' } ${look}`,
    )
    const [alone] = await results(bundle, ['look'])
    expect(alone?.status).toBe('ok')
    const [left, ...after] = await results(bundle, ['leave', 'look', 'look'])
    expect(saying(left)).toBe('left')
    expect(after.map(saying)).toEqual([saying(alone), saying(alone)])
  })
})
