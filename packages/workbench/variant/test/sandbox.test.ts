// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { runInSandbox, sandboxLayers } from '../src/index.ts'
import { outputOf, playing, reasonOf, resultOf, results, small } from './sandboxed.ts'

describe('jobs', () => {
  it('are played in order, each with its own text', async () => {
    const jobs = ['a', 'π \n "quoted" \u2028', '']
    expect(await results(playing('return job + "!"'), jobs)).toEqual(
      jobs.map((job) => ({ status: 'ok', output: `${job}!`, hits: [] })),
    )
  })

  it('do not see each other', async () => {
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
      null,
    ],
    [
      'how stacks are written',
      "Error.prepareStackTrace ??= () => job; return new Error('x').stack.slice(0, 1)",
      null,
    ],
    ['a match', 'const { $1 } = RegExp; /(.)/.exec(job); return typeof $1', 'undefined'],
    ['a promise', "let x = job; Promise.resolve().then(() => { x = 'late' }); return x", null],
    ['an error', "if (job === 'a') throw new Error(job); return job", null],
  ])('find nothing that an earlier job left behind: %s', async (_what, body, always) => {
    const bundle = playing(body, 'let known = 0')
    const said = (await results(bundle, ['a', 'b', 'c'])).map((result) =>
      result.status === 'ok' ? result.output : 'crashed',
    )
    const own = await Promise.all(['a', 'b', 'c'].map(async (job) => (await results(bundle, [job]))[0]))
    expect(said).toEqual(own.map((result) => (result?.status === 'ok' ? result.output : 'crashed')))
    if (always !== null) expect(said).toEqual([always, always, always])
  })

  it('cannot run other jobs after their end, nor read the source of the workbench', async () => {
    const late =
      "Promise.resolve().then(() => { try { runJob('b') } catch (fault) { globalThis.x = fault.message } }); return String(globalThis.x)"
    expect(await results(playing(late), ['a', 'b'])).toMatchObject([
      { output: 'undefined' },
      { output: 'undefined' },
    ])
    for (const way of [
      'typeof runJob',
      'typeof loadProgram',
      'typeof kind',
      '(function () { return arguments.callee.caller })()',
    ])
      expect(await reasonOf(`return String(${way})`)).toMatch(/^ok: undefined$|^crashed: TypeError/)
  })

  it('report the coverage points that they hit, even if they crash or do not end', async () => {
    const body = `__pfoHits[1] = 1; if (job === 'crash') throw new Error('x'); if (job === 'loop') for (;;); return ''`
    const [ok, crash, loop] = await results(playing(body), ['', 'crash', 'loop'])
    expect([ok?.hits, crash?.hits, loop?.hits]).toEqual([[1], [1], [1]])
  })

  it('have no clock, no randomness and no locale', async () => {
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

describe('a failing job', () => {
  it('crashes with its message and its call chain', async () => {
    const bundle = playing(
      'return null.x',
      "const functionsAt = (fault) => [typeof fault.message, 'of_node_get', 'of_find_node']",
    ).replace('play(', 'functionsAt, play(')
    expect(await results(bundle, ['j'])).toEqual([
      {
        status: 'crashed',
        reason:
          "TypeError: Cannot read properties of null (reading 'x') (in string < of_node_get < of_find_node)",
        hits: [],
      },
    ])
  })

  it.each([
    ['that throw', '() => { throw 1 }', 'Error: x'],
    [
      'that have no end',
      "() => ({ *[Symbol.iterator]() { for (;;) yield 'f' } })",
      'Error: x (in f < f < f < f < f < f)',
    ],
    ['that are no names', '() => [{ toString: () => "a\\n\\u001b[2Jb" }]', 'Error: x (in a < \\u001b[2Jb)'],
    ['that are none', 'undefined', 'Error: x'],
  ])('may return functions %s', async (_what, functionsAt, reason) => {
    const bundle = playing("throw new Error('x')").replace('play(', `functionsAt: ${functionsAt}, play(`)
    const [result] = await results(bundle, ['j'])
    expect(result).toEqual({ status: 'crashed', reason, hits: [] })
  })

  it.each([
    ['returns later', 'return Promise.resolve("x")', 'crashed: play() returned object, not a string'],
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

  it('fills memory outside the heap, if the machine limits it', async () => {
    const limited = (await sandboxLayers()).some((layer) => layer.name === 'resource limits' && layer.active)
    const body =
      'const all = []; for (let i = 0; i < 60; i++) all.push(new Uint8Array(2 ** 25).fill(1)); return String(all.length)'
    const result = await resultOf(body, { ...small, jobMilliseconds: 20_000 })
    expect(result.status).toBe(limited ? 'crashed' : 'ok')
  })

  it.each([
    ['searches what has no end', 'return String([].indexOf.call({ length: Number.MAX_SAFE_INTEGER }, 1))'],
  ])('does not end because of a single operation that %s', async (_what, body) => {
    const found = await results(playing(`if (job === 'last') return job; ${body}`), ['endless', 'last'], {
      ...small,
      jobMilliseconds: 200,
    })
    expect(found).toEqual([
      { status: 'timeout', reason: 'it ran longer than 0.2 s and was stopped', hits: null },
      { status: 'ok', output: 'last', hits: [] },
    ])
  })

  it('does not affect the jobs before and after it', async () => {
    const body = `if (job === 'bomb') { const all = []; for (;;) all.push(Array(1e5).fill(1)) } if (job === 'loop') for (;;); return job`
    // Slow enough to fill the heap before the time is up, on any machine.
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

  it('is the only result if the bundle does not load', async () => {
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
    const stopped = { status: 'timeout', reason: 'it ran longer than 0.5 s and was stopped' }
    // The hits of the first job are unknown; the other jobs did not run.
    expect(found).toEqual([null, [], []].map((hits) => ({ ...stopped, hits })))
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
