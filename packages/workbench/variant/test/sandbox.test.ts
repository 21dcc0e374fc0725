// SPDX-License-Identifier: GPL-2.0-only
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  defaultLimits,
  runInSandbox,
  sandboxLayers,
  type JobResult,
  type SandboxLimits,
} from '../src/index.ts'
import { launch } from '../src/launch.ts'

/** A bundle as esbuild would make it, whose `play` has this body. */
const playing = (body: string, before = ''): string =>
  `"use strict"; var pfoEngine = (() => { ${before}; return { play(job) { ${body} } } })();`

const small: SandboxLimits = { ...defaultLimits, jobMilliseconds: 500, memoryMegabytes: 128 }

const little = { memoryMegabytes: 64, cpuSeconds: 60 }

async function results(
  bundle: string,
  jobs: readonly string[],
  limits: SandboxLimits = small,
): Promise<JobResult[]> {
  const found: JobResult[] = []
  for await (const result of runInSandbox(bundle, jobs, limits)) found.push(result)
  return found
}

async function resultOf(body: string, limits?: SandboxLimits): Promise<JobResult> {
  const [first] = await results(playing(body), ['job'], limits)
  if (first === undefined) throw new Error('no result')
  return first
}

/** What `play` returns, when it is expected to come to its end. */
async function outputOf(body: string): Promise<string> {
  const result = await resultOf(body)
  return result.status === 'ok' ? result.output : `${result.status}: ${result.reason}`
}

async function reasonOf(body: string, limits?: SandboxLimits): Promise<string> {
  const result = await resultOf(body, limits)
  return result.status === 'ok' ? `ok: ${result.output}` : `${result.status}: ${result.reason}`
}

describe('jobs', () => {
  it('are played in order and each gets its own text', async () => {
    const jobs = ['a', 'π \n "quoted" \u2028', '']
    expect(await results(playing('return job + "!"'), jobs)).toEqual(
      jobs.map((job) => ({ status: 'ok', output: `${job}!`, hits: [] })),
    )
  })

  it('know nothing of each other', async () => {
    const bundle = playing(
      'count++; globalThis.seen = (globalThis.seen ?? 0) + 1; return `${count} ${globalThis.seen}`',
      'let count = 0',
    )
    expect(
      (await results(bundle, ['', ''])).map((result) => result.status === 'ok' && result.output),
    ).toEqual(['1 1', '1 1'])
  })

  it.each([
    ['a variable', 'known++; return String(known)', '1'],
    ['a name', 'globalThis.x ??= job; return globalThis.x', null],
    ['a name that does not show', "Object.defineProperty(globalThis, 'x', { value: job }); return x", null],
    [
      'a name that answers for itself',
      "const { x } = globalThis; Object.defineProperty(globalThis, 'x', { get: () => job, configurable: true }); return x ?? job",
      null,
    ],
    ['another value of a name', 'return typeof Map === "string" ? Map : (globalThis.Map = job)', null],
    ['one name less', 'const { Set } = globalThis; delete globalThis.Set; return typeof Set', 'function'],
    ['a property of Error', 'return Error.x ?? (Error.x = job)', null],
    ['a symbol of Error', 'return Error[Symbol.iterator] ?? (Error[Symbol.iterator] = job)', null],
    [
      'how deep stacks are',
      'const { stackTraceLimit } = Error; Error.stackTraceLimit = 7; return String(stackTraceLimit)',
      '10',
    ],
    [
      'how stacks are written',
      "Error.prepareStackTrace ??= () => job; return new Error('x').stack.slice(0, 1)",
      null,
    ],
    ['a match', 'const { $1 } = RegExp; /(.)/.exec(job); return typeof $1', 'undefined'],
    ['a promise', "let x = job; Promise.resolve().then(() => { x = 'late' }); return x", null],
    ['an error', "if (job === 'a') throw new Error(job); return job", null],
  ])('find nothing that one before them left: %s', async (_what, body, always) => {
    const bundle = playing(body, 'let known = 0')
    const said = (await results(bundle, ['a', 'b', 'c'])).map((result) =>
      result.status === 'ok' ? result.output : 'crashed',
    )
    const own = await Promise.all(['a', 'b', 'c'].map(async (job) => (await results(bundle, [job]))[0]))
    expect(said).toEqual(own.map((result) => (result?.status === 'ok' ? result.output : 'crashed')))
    if (always !== null) expect(said).toEqual([always, always, always])
  })

  it('cannot run others when they are over, nor learn what makes the workbench', async () => {
    const late =
      "Promise.resolve().then(() => { try { runJob('', 'b') } catch (fault) { Error.x = fault.message } }); return String(Error.x)"
    expect(await results(playing(late), ['a', 'b'])).toMatchObject([
      { output: 'undefined' },
      { output: 'undefined' },
    ])
    for (const way of [
      'runJob.arguments[0]',
      'loadProgram.arguments[0]',
      '(function () { return arguments.callee.caller })()',
      'Object.getOwnPropertyNames(globalThis).includes("key")',
      '(() => { Error.prepareStackTrace = (_e, sites) => sites.map((site) => site.getFunction() ?? site.getThis()).find((one) => one); return new Error("x").stack })()',
    ])
      expect(await reasonOf(`return String(${way})`)).toMatch(/^ok: (undefined|false)$|^crashed: TypeError/)
  })

  it('tell which probes they hit, even when they crash or do not end', async () => {
    const body = `__pfoHits[1] = 1; if (job === 'crash') throw new Error('x'); if (job === 'loop') for (;;); return ''`
    const [ok, crash, loop] = await results(playing(body), ['', 'crash', 'loop'])
    expect([ok?.hits, crash?.hits, loop?.hits]).toEqual([[1], [1], [1]])
  })

  it('see no clock, no randomness and no locale', async () => {
    const names = [
      'Date',
      'Intl',
      'performance',
      'crypto',
      'setTimeout',
      'WeakRef',
      'FinalizationRegistry',
      'Atomics',
      'console',
    ]
    expect(
      await outputOf(`return [${names.map((name) => `typeof ${name}`).join()}, typeof Math.random].join()`),
    ).toBe(
      Array(names.length + 1)
        .fill('undefined')
        .join(),
    )
  })
})

describe('a job that goes wrong', () => {
  it('crashes with its message and the functions it came through', async () => {
    const before =
      'function of_node_get(node) { return node.x } function of_find_node(node) { return of_node_get(node) }'
    expect(await results(playing('return of_find_node(null)', before), ['j'])).toEqual([
      {
        status: 'crashed',
        reason:
          "TypeError: Cannot read properties of null (reading 'x') (in of_node_get < of_find_node < Object.play)",
        hits: [],
      },
    ])
  })

  it.each([
    ['throws no Error', "throw 'a string'", 'crashed: a string was thrown, which is no Error'],
    ['throws nothing', 'throw undefined', 'crashed: undefined was thrown, which is no Error'],
    [
      'throws a trap',
      'throw new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 2 } })',
      'crashed: something was thrown that cannot be described',
    ],
    [
      'throws what throws',
      'throw { toString() { throw this } }',
      'crashed: something was thrown that cannot be described',
    ],
    [
      'throws an error with terminal codes',
      "throw new Error('\\u001b[31mred')",
      'crashed: Error: \\u001b[31mred (in Object.play)',
    ],
    ['returns no string', 'return { toString: () => "x" }', 'crashed: play() returned object, not a string'],
    ['returns later', 'return Promise.resolve("x")', 'crashed: play() returned object, not a string'],
    ['loops for ever', 'for (;;);', 'timeout: it ran longer than 0.5 s and was stopped'],
    [
      'goes on in promises',
      'const again = () => Promise.resolve().then(again); again(); return "x"',
      'timeout: it ran longer than 0.5 s and was stopped',
    ],
    [
      'loops while its error is described',
      'throw { toString() { for (;;); } }',
      'timeout: it ran longer than 0.5 s and was stopped',
    ],
    [
      'has a result that is too long',
      "return 'x'.repeat(2 ** 27)",
      'crashed: the result is too long: 134217728 bytes; at most 33554432 are accepted',
    ],
    [
      'has a result that is too long as JSON',
      "return '\\n'.repeat(2 ** 24)",
      /^crashed: the result is too long: 335545\d\d bytes; at most 33554432 are accepted$/,
    ],
  ])('%s', async (_what, body, expected) => {
    const reason = await reasonOf(body)
    if (typeof expected === 'string') expect(reason).toBe(expected)
    else expect(reason).toMatch(expected)
  })

  it('fills the heap', async () => {
    // Long enough to fill it, however slow the machine is.
    const body = 'const all = []; for (;;) all.push(Array(1e5).fill(all.length))'
    expect(await reasonOf(body, { ...small, jobMilliseconds: 5_000 })).toBe('crashed: out of memory')
  })

  it('recurses without end', async () => {
    expect(await reasonOf('const deeper = () => deeper() + 1; return String(deeper())')).toMatch(
      /^crashed: RangeError: Maximum call stack size exceeded \(in deeper < deeper/,
    )
  })

  it('fills memory outside the heap, where the machine limits it', async () => {
    const limited = (await sandboxLayers()).some((layer) => layer.name === 'resource limits' && layer.active)
    const body =
      'const all = []; for (let i = 0; i < 60; i++) all.push(new Uint8Array(2 ** 25).fill(1)); return String(all.length)'
    const result = await resultOf(body, { ...small, jobMilliseconds: 20_000 })
    expect(result.status).toBe(limited ? 'crashed' : 'ok')
  })

  it('leaves the jobs before and after it as they are', async () => {
    const body = `if (job === 'bomb') { const all = []; for (;;) all.push(Array(1e5).fill(1)) } if (job === 'loop') for (;;); return job`
    // Long enough to fill the heap first, however slow the machine is.
    const limits = { ...small, jobMilliseconds: 5_000 }
    const found = await results(playing(body), ['a', 'bomb', 'b', 'loop', 'c'], limits)
    expect(found.map((result) => (result.status === 'ok' ? result.output : result.status))).toEqual([
      'a',
      'crashed',
      'b',
      'timeout',
      'c',
    ])
  })

  it('is all there is when the bundle does not even load', async () => {
    expect(await results('this is no program', ['a', 'b'])).toEqual(
      ['a', 'b'].map(() => ({
        status: 'crashed',
        reason: expect.stringMatching(/^SyntaxError: /) as unknown,
        hits: [],
      })),
    )
    expect((await results(playing('', "throw new Error('at load')"), ['a']))[0]).toMatchObject({
      reason: expect.stringContaining('Error: at load') as unknown,
    })
  })

  it('is stopped by the limit for all jobs together', async () => {
    const body = 'for (;;);'
    const found = await results(playing(body), ['a', 'b', 'c'], {
      ...small,
      jobMilliseconds: 5_000,
      totalMilliseconds: 500,
    })
    expect(found).toEqual(
      Array(3).fill({ status: 'timeout', reason: 'it ran longer than 0.5 s and was stopped', hits: [] }),
    )
  })

  it('is stopped by a signal', async () => {
    const controller = new AbortController()
    const run = runInSandbox(
      playing("if (job === 'loop') for (;;); return job"),
      ['a', 'loop'],
      { ...small, jobMilliseconds: 60_000 },
      controller.signal,
    )
    expect((await run.next()).value).toMatchObject({ output: 'a' })
    const second = run.next()
    controller.abort(new Error('stop'))
    await expect(second).rejects.toThrow('stop')
  })
})

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

  it.each([
    ['process', 'return typeof process'],
    ['require', 'return typeof require'],
    ['module', 'return typeof module'],
    ['Buffer', 'return typeof Buffer'],
    ['fetch', 'return typeof fetch'],
    ['WebAssembly', 'return typeof WebAssembly'],
    ['the process behind this', 'return typeof globalThis.process + typeof this.process'],
    [
      'the global object of the host',
      'let found = "undefined"; for (let o = globalThis; o; o = Object.getPrototypeOf(o)) if (Object.hasOwn(o, "process")) found = "process"; return found',
    ],
  ])('does not reach %s', async (_what, body) => {
    expect(await outputOf(body)).toMatch(/^(undefined)+$/)
  })

  it.each([
    ['eval', 'return eval("1 + 1") + ""'],
    ['Function', 'return Function("return 1")() + ""'],
    ['Function through a constructor', 'return (() => 1).constructor("return process")() + ""'],
    [
      'Function through a generator',
      'return Object.getPrototypeOf(function* () {}).constructor("yield 1")().next() + ""',
    ],
    [
      'Function through the global object',
      'return globalThis.constructor.constructor("return process")() + ""',
    ],
  ])('makes no code out of text with %s', async (_what, body) => {
    expect(await reasonOf(body)).toMatch(/^crashed: EvalError: Code generation from strings disallowed/)
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

  it('cannot change the language under the workbench', async () => {
    for (const change of [
      'Array.prototype.push = () => 0',
      'Object.prototype.polluted = 1',
      'JSON.stringify = () => "forged"',
      'Object.prototype.toString = () => "forged"',
      'Object.setPrototypeOf(Array.prototype, {})',
      'String.prototype.slice = () => "forged"',
    ]) {
      expect(await reasonOf(`${change}; return "done"`)).toMatch(/^crashed: TypeError: /)
    }
    expect(await outputOf('globalThis.runJob = () => "o\\nforged"; return "done"')).toMatch(
      /^crashed: TypeError/,
    )
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

describe('the process itself', () => {
  it('has no permission to do anything, were its realm left', async () => {
    const attempts = `
      const attempt = (what, action) => { try { action(); return what } catch (fault) { return fault.code ?? fault.name } }
      const fs = require('node:fs')
      console.log(JSON.stringify([
        attempt('read', () => fs.readFileSync('/etc/passwd')),
        attempt('write', () => fs.writeFileSync('/tmp/pfo-hostile', 'x')),
        attempt('spawn', () => require('node:child_process').execFileSync('/bin/true')),
        attempt('worker', () => new (require('node:worker_threads').Worker)('0', { eval: true })),
        attempt('eval', () => Function('return 1')()),
        attempt('addon', () => process.dlopen({ exports: {} }, '/nowhere.node')),
        Object.keys(process.env).length,
      ]))
    `
    const child = await launch(attempts, little)
    let text = ''
    for await (const chunk of child.stdout) text += String(chunk)
    const denied = 'ERR_ACCESS_DENIED'
    expect(JSON.parse(text)).toEqual([denied, denied, denied, denied, 'EvalError', 'ERR_DLOPEN_DISABLED', 0])
  })

  it('is not root even if the workbench is, where the machine can change that', async () => {
    const bound = (await sandboxLayers()).some(
      (layer) => layer.name === 'bound to its parent' && layer.active,
    )
    const child = await launch('console.log(process.getuid(), process.getgroups().length)', little)
    let text = ''
    for await (const chunk of child.stdout) text += String(chunk)
    if (bound && process.getuid?.() === 0) expect(text).toBe('65534 1\n')
    else expect(text).toContain(String(process.getuid?.()))
  })

  it('reaches no network, where the machine can take it away', async () => {
    const isolated = (await sandboxLayers()).some(
      (layer) => layer.name === 'network namespace' && layer.active,
    )
    const server = createServer((socket) => socket.end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const child = await launch(
      `require('node:net').connect(${String(port)}, '127.0.0.1').on('connect', () => { console.log('connected'); process.exit() }).on('error', (e) => console.log(e.code))`,
      little,
    )
    let text = ''
    for await (const chunk of child.stdout) text += String(chunk)
    server.close()
    expect(text.trim()).toMatch(isolated ? /^E/ : /^connected$/)
  })
})

describe('the environment of this process', () => {
  beforeAll(() => {
    process.env['PFO_SECRET'] = 'secret'
  })
  afterAll(() => {
    delete process.env['PFO_SECRET']
  })

  it('is not passed on', async () => {
    const child = await launch('console.log(JSON.stringify(process.env))', little)
    let text = ''
    for await (const chunk of child.stdout) text += String(chunk)
    expect(JSON.parse(text)).toEqual({})
  })
})
