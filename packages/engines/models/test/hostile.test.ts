// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultLimits, runInSandbox, type JobResult, type SandboxLimits } from '@pfo-workbench/variant'
import { VariantBuilder, type ModelVariant } from '../src/index.ts'
import { base, makeFixture, replacing, seriesOf, specOf } from './fixture.ts'

/** A hostile patch: the body of a function that returns a string, and the expected end. */
interface Attack {
  readonly name: string
  readonly code: string
  readonly ends: 'ok' | 'crashed' | 'timeout'
  /** Matches the reason of an attack that is stopped, or the output of one that ends without effect. */
  readonly saying: RegExp
}

const crash = (name: string, code: string, saying: RegExp): Attack => ({
  name,
  code,
  ends: 'crashed',
  saying,
})
const hang = (name: string, code: string): Attack => ({
  name,
  code,
  ends: 'timeout',
  saying: /ran longer than 1 s/,
})
const vain = (name: string, code: string, saying: RegExp): Attack => ({ name, code, ends: 'ok', saying })

/** Ways in which a model could reach the process. */
const ways: Record<string, string> = {
  'a name': 'typeof process',
  require: 'typeof globalThis.require',
  'the global object': 'typeof globalThis.process',
  this: '(function () { return typeof this?.process })()',
  'the prototype of the global object': 'typeof Object.getPrototypeOf(globalThis).process',
  'a caller': 'typeof new Error("x").constructor.process',
}

/** Functions that compile code from text. */
const makers: Record<string, string> = {
  Function: 'Function',
  eval: 'globalThis.eval',
  'a function': '(() => 1).constructor',
  'an error': 'new Error("x").constructor.constructor',
  'a promise': 'Promise.resolve().constructor.constructor',
  'a promise that fails': 'Promise.reject(new Error("x")).catch(() => 1).then.constructor',
  'a getter': 'Object.getOwnPropertyDescriptor({ get x() { return 1 } }, "x").get.constructor',
  'an async function': '(async () => 1).constructor',
  'a generator': '(function* () {}).constructor',
  'a bound function': '(() => 1).bind(null).constructor',
  'a species': 'Array[Symbol.species].constructor',
  'the constructor of the global object': 'globalThis.constructor.constructor',
  'an overflowing stack': `(() => {
    const deeper = () => { deeper() }
    try { deeper() } catch (fault) { return fault.constructor.constructor }
  })()`,
}

const attacks: Attack[] = [
  ...Object.entries(ways).map(([way, code]) =>
    vain(`looks for process through ${way}`, `return ${code}`, /^undefined$/),
  ),
  ...Object.entries(makers).map(([maker, code]) =>
    crash(
      `makes code with the constructor of ${maker}`,
      `const make = ${code}; return String(make('return process')())`,
      /Code generation from strings disallowed/,
    ),
  ),
  crash(
    'reads a file',
    "return globalThis.process.binding('fs').readFileUtf8('/etc/passwd', 0)",
    /TypeError: .*undefined.*binding/,
  ),
  crash(
    'writes a file',
    "return globalThis.require('node:fs').writeFileSync('/tmp/pfo-hostile', 'x')",
    /TypeError: globalThis.require is not a function/,
  ),
  crash('opens a socket', "return fetch('http://127.0.0.1/')", /ReferenceError: fetch is not defined/),
  crash(
    'spawns',
    "return process.mainModule.require('child_process').execSync('id')",
    /ReferenceError: process is not defined/,
  ),
  crash('exits', 'return process.exit(0)', /ReferenceError: process is not defined/),
  crash(
    'compiles WebAssembly',
    'return new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))',
    /ReferenceError: WebAssembly is not defined/,
  ),
  crash(
    'waits',
    'return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
    /ReferenceError: Atomics is not defined/,
  ),
  crash('waits for a clock', 'return setTimeout(() => 1, 1e9)', /ReferenceError: setTimeout is not defined/),

  crash('pollutes prototypes', 'Object.prototype.polluted = 1; return ""', /TypeError: /),
  crash(
    'pollutes prototypes through __proto__',
    "({})['__pro' + 'to__'].polluted = 1; return ''",
    /TypeError: /,
  ),
  crash(
    'replaces JSON.stringify',
    'JSON.stringify = () => "{}"; return ""',
    /TypeError: Cannot assign to read only/,
  ),
  crash(
    'replaces JSON',
    'globalThis.JSON = {}; JSON.stringify = null; return JSON.parse("1").x.y',
    /TypeError: /,
  ),
  crash('replaces Array.prototype.push', 'Array.prototype.push = () => 0; return ""', /TypeError: /),
  crash('replaces an iterator', 'Array.prototype[Symbol.iterator] = () => 0; return ""', /TypeError: /),
  crash('replaces Map.prototype.get', 'Map.prototype.get = () => 0; return ""', /TypeError: /),
  crash(
    'redefines a method',
    "Object.defineProperty(Array.prototype, 'map', { value: 1 }); return ''",
    /TypeError: Cannot redefine/,
  ),
  vain('replaces the runner', 'globalThis.runJob = () => "o\\n"; return "done"', /^done$/),
  crash(
    'replaces the function that reads its coverage',
    'globalThis.readHits = () => "1"; return ""',
    /TypeError: Cannot assign to read only/,
  ),
  vain(
    'reads its own hits',
    "return 'hits: ' + ['', undefined, null, 0].map((key) => globalThis.readHits(key)).join('')",
    /^hits: $/,
  ),
  crash(
    'runs a job of its own',
    "return globalThis.runJob((hits) => { hits.fill(1); return { play: () => '' } }, '')",
    /globalThis.runJob is not a function/,
  ),
  vain(
    'forges coverage',
    "globalThis['__p' + 'foHits'] = { length: 1e9, get 0() { for (;;); } }; return 'done'",
    /^done$/,
  ),
  crash(
    'replaces the formatting of stack traces',
    "Error.prepareStackTrace = () => { throw 1 }; try { null.x } catch {} return 'done'",
    /TypeError: Cannot add property prepareStackTrace/,
  ),
  crash(
    'enables stack traces',
    'Error.stackTraceLimit = 10; return new Error("x").stack',
    /TypeError: Cannot assign/,
  ),
  vain(
    'formats stack traces with its own Error',
    `globalThis.Error = class { static stackTraceLimit = 10; static prepareStackTrace(_error, sites) { return sites } }
    const stack = new TypeError('x').stack
    return String(stack.length ?? stack)`,
    /^0$/,
  ),
  vain(
    'stores data in prototypes without a global name',
    `const objects = ['x'.matchAll(/x/g), new Map().keys(), (function* () {})(), (async function* () {})()]
    return String(objects.every((one) => Object.isFrozen(Object.getPrototypeOf(Object.getPrototypeOf(one)))))`,
    /^true$/,
  ),
  vain(
    'changes the cached strings of a template',
    'const tag = (strings) => strings; try { tag`x`.y = 1 } catch (fault) { return fault.name }',
    /^TypeError$/,
  ),
  vain(
    'pollutes objects through a JSON.parse reviver',
    'JSON.parse(\'{"__proto__": {"polluted": 1}}\', function (_key, value) { this.polluted ??= 1; return value }); return String({}.polluted)',
    /^undefined$/,
  ),
  vain(
    'replaces the prototype of the global object',
    "Object.setPrototypeOf(globalThis, new Proxy({}, { get() { for (;;); }, has() { for (;;); } })); return 'done'",
    /^done$/,
  ),
  vain(
    'reads its caller',
    'try { return String((function who() { return who.caller })()) } catch (fault) { return fault.name }',
    /^TypeError$/,
  ),
  vain('fails later', "Promise.reject(new Error('later')); return 'done'", /^done$/),
  crash('answers with a promise', "return { then(settle) { settle('x') } }", /play\(\) returned object/),
  crash(
    'answers with a proxy',
    "return new Proxy(Object('x'), { get() { for (;;); } })",
    /play\(\) returned object/,
  ),
  crash(
    'grows memory in place',
    'return String(Array.from({ length: 300 }, () => new ArrayBuffer(1, { maxByteLength: 2 ** 30 })).map((one) => one.resize(2 ** 30)).length)',
    /RangeError: |out of memory/,
  ),
  crash('fills a map', 'const map = new Map(); for (let n = 0; ; n++) map.set(n, n)', /^out of memory$/),
  crash(
    'serializes deeply nested lists',
    'let one = []; for (let n = 0; n < 1e6; n++) one = [one]; return JSON.stringify(one)',
    /RangeError/,
  ),
  crash(
    'is its own prototype',
    'const one = new Proxy({}, { getPrototypeOf: () => one }); return String(one instanceof Object)',
    /RangeError/,
  ),
  crash(
    'writes the stack of its error',
    "throw Object.defineProperty(new Error('x'), 'stack', { get: () => 'o\\n    at runJob (forged)' })",
    /^Error: x$/,
  ),
  crash(
    'throws in the name of its error',
    "throw Object.defineProperty(new Error('x'), 'name', { get() { throw 1 } })",
    /cannot be shown/,
  ),
  hang('multiplies', 'for (let n = 2n; ; ) n *= n'),
  hang(
    'loops in an awaited then()',
    '(async () => { for await (const one of { [Symbol.asyncIterator]: () => ({ next: () => ({ then() { for (;;); } }) }) }) void one })(); return ""',
  ),

  hang('loops', 'for (;;);'),
  hang('loops in promises', 'const again = () => { Promise.resolve().then(again) }; again(); return ""'),
  hang(
    'loops in a getter of the thrown error',
    'throw Object.assign(new Error("x"), { get message() { for (;;); } }), { toString() { for (;;); } }',
  ),
  hang('matches forever', "return String(/^(\\w+\\s?)*$/.test('a'.repeat(64) + '!'))"),
  hang('floods the console', "let text = ''; for (let n = 0; ; n++) text = `message ${n}: ${text.length}`"),
  crash('recurses', 'const deeper = () => deeper() + 1; return deeper()', /RangeError: Maximum call stack/),
  crash(
    'fills the heap',
    'const all = []; for (;;) all.push(Array(100000).fill(all.length))',
    /^out of memory$/,
  ),
  crash(
    'floods events',
    "const events = []; for (;;) events.push({ kind: 'log', text: 'x'.repeat(100) + events.length })",
    /^out of memory$/,
  ),
  crash('makes huge strings', "let text = 'x'; for (;;) text += text", /RangeError: Invalid string length/),
  crash('returns a huge text', "return 'x'.repeat(2 ** 28)", /the result is too long: 268435456 bytes/),
  crash('makes huge arrays', 'return String(new Uint8Array(2 ** 40))', /RangeError: /),

  crash('throws null', 'throw null', /^null was thrown, which is not an Error/),
  crash('throws a symbol', "throw Symbol('x')", /^Symbol\(x\) was thrown, which is not an Error/),
  crash(
    'throws a proxy',
    'throw new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 2 } })',
    /cannot be shown/,
  ),
  crash('throws an object that throws', 'throw { toString() { throw this } }', /cannot be shown/),
  crash(
    'throws an error that looks like a timeout',
    "throw Object.assign(new Error('x'), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' })",
    /^Error: x/,
  ),
  crash(
    'throws terminal codes',
    "throw new Error('\\u001b[2J\\u202e\\nforged line')",
    /^Error: \\u001b\[2J\\u202e forged line/,
  ),
  crash('returns no text', 'return { toString: () => "x" }', /play\(\) returned object, not a string/),
]

/** Only attacks that must time out get a short limit: on a busy machine, the others need more than a second. */
const limitsOf = (ends: Attack['ends']): SandboxLimits => ({
  ...defaultLimits,
  jobMilliseconds: ends === 'timeout' ? 1_000 : 60_000,
  memoryMegabytes: 96,
})

const file = 'packages/models/of/src/attacks.ts'

/** One patch with all attacks. It is not type-checked, because an attacker would not care about types. */
const source = `
export const attacks: unknown = {
${attacks.map(({ name, code }) => `  ${JSON.stringify(name)}() {\n    ${code}\n  },\n`).join('')}}
`

const entry = `import { device_node, of_node_put } from '@pfo-workbench/of'

export function play(job: string): string {
  const node = new device_node()
  node.name = job
  return of_node_put(node)
}
`

const fixture = makeFixture()
let builder: VariantBuilder
let variant: ModelVariant
const results = new Map<string, JobResult>()
const others: JobResult[] = []

async function collect(ends: Attack['ends']): Promise<void> {
  // A harmless job follows each attack.
  const jobs = attacks.filter((attack) => attack.ends === ends).flatMap(({ name }) => [name, 'harmless'])
  let next = 0
  for await (const result of runInSandbox(variant.bundle ?? '', jobs, limitsOf(ends))) {
    const job = jobs[next++] ?? ''
    if (job === 'harmless') others.push(result)
    else results.set(job, result)
  }
}

beforeAll(async () => {
  builder = await VariantBuilder.create({ ...fixture, entry })
  variant = await builder.build(
    specOf([
      'hostile',
      seriesOf('hostile', {
        [file]: () => source,
        [base]: (text) =>
          replacing(
            'import { limit }',
            "import { attacks } from './attacks.ts'\nimport { limit }",
          )(
            replacing(
              '  return put(node)',
              '  const attack = (attacks as Record<string, (() => string) | undefined>)[node.name]\n  return attack === undefined ? put(node) : attack()',
            )(text),
          ),
      }),
    ]),
    'bundled',
  )
  if (variant.reason !== undefined) throw new Error(variant.reason)
  for (const ends of ['ok', 'crashed', 'timeout'] as const) await collect(ends)
}, 300_000)

afterAll(async () => {
  await builder.dispose()
  fixture.remove()
})

describe('a patch that', () => {
  it.each(attacks)('$name has no effect', ({ name, ends, saying }) => {
    const result = results.get(name)
    expect(result?.status).toBe(ends)
    expect(result?.status === 'ok' ? result.output : result?.reason).toMatch(saying)
  })

  it('is hostile does not affect the jobs next to it', () => {
    expect(others).toHaveLength(attacks.length)
    for (const result of others)
      expect(result).toEqual({ status: 'ok', output: 'chain < put < of_node_put', hits: others[0]?.hits })
  })

  it('is hostile leaves no files on the machine', () => {
    expect(existsSync('/tmp/pfo-hostile')).toBe(false)
  })

  it.each([
    ['imports from the host', "import 'node:fs'"],
    ['loads code at run time', "void import('node:fs')"],
    ['loads code by a computed name', "void import('node' + ':fs')"],
    ['reads its own location', 'void import.meta.url'],
    ['accesses the coverage points', '__pfoHits[0] = 1'],
  ])('%s is invalid, and the reason names patch file and line', async (_what, code) => {
    const invalid = await builder.build(
      specOf(['bad', seriesOf('bad', { [file]: () => `\n${code}\nexport {}\n` })]),
    )
    expect(invalid.status).toBe('invalid')
    expect(invalid.reason).toContain(`${file}:2: `)
  })
})
