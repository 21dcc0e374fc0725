// SPDX-License-Identifier: GPL-2.0-only

/**
 * Runs first in a new realm. It removes everything that differs between runs or machines (clock, randomness, locale,
 * addresses, V8's stacks) and freezes the language's built-in objects. It installs the functions that load the program
 * and run its job. Only strings cross the boundary.
 */
import type { Load, Program, Realm } from './protocol.ts'

const realm = globalThis as unknown as Realm & Record<PropertyKey, unknown>
const { defineProperty, freeze, getOwnPropertyDescriptors, getPrototypeOf } = Object
const { ownKeys } = Reflect
const toText = String
const { kind, key: hitsKey } = realm
Reflect.deleteProperty(realm, 'kind')
Reflect.deleteProperty(realm, 'key')
/** For the loader of a WebAssembly program. Patched JavaScript never gets it. */
const wasm = kind === 'wasm' ? realm['WebAssembly'] : undefined

for (const name of [
  'Date',
  'Intl',
  'WebAssembly',
  'SharedArrayBuffer',
  'Atomics',
  'FinalizationRegistry',
  'WeakRef',
  'console',
]) {
  Reflect.deleteProperty(realm, name)
}
Reflect.deleteProperty(Math, 'random')
/** Remove `RegExp.$1` and the like, which expose the last match of other code. */
for (const name of Object.getOwnPropertyNames(RegExp)) {
  if (!['length', 'name', 'prototype'].includes(name)) Reflect.deleteProperty(RegExp, name)
}
if (kind === 'closed') {
  // V8 stack frames expose this process: its scripts and their positions, texts and hashes. So errors get no stack.
  for (const name of ['captureStackTrace', 'prepareStackTrace']) Reflect.deleteProperty(Error, name)
  defineProperty(Error, 'stackTraceLimit', { value: 0, writable: false, configurable: false })
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

const seen = new Set<unknown>([realm])
const queue: object[] = []
const add = (value: unknown): void => {
  if (isObject(value) && !seen.has(value)) {
    seen.add(value)
    queue.push(value)
  }
}

/**
 * Prototypes whose properties stay assignable on inheriting objects: a frozen `Error.prototype.message` would forbid
 * `error.message = …` on every error.
 */
const inherited = new Set<object>([Object.prototype])
for (const error of [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
]) {
  inherited.add(error.prototype)
}

/** A property descriptor whose functions are not called. */
interface Property extends Omit<PropertyDescriptor, 'get' | 'set'> {
  readonly get?: unknown
  readonly set?: unknown
}

function letOverride(owner: object, key: PropertyKey, { value, enumerable }: Property): void {
  defineProperty(owner, key, {
    get: () => value as unknown,
    set(this: object, written: unknown) {
      if (this === owner) throw new TypeError(`${toText(key)} of the language cannot be changed`)
      defineProperty(this, key, { value: written, writable: true, enumerable: true, configurable: true })
    },
    enumerable: enumerable ?? false,
    configurable: false,
  })
}

/** The objects that `Iterator` creates, if it exists. */
function iterators(): unknown[] {
  const { Iterator } = realm as { Iterator?: { from(one: object): { map(f: () => void): unknown } } }
  if (Iterator === undefined) return []
  const wrapped = Iterator.from({ next: () => ({ done: true }) })
  return [wrapped, wrapped.map(() => undefined)]
}

add(getPrototypeOf(realm))
for (const one of iterators()) add(one)
for (const key of ownKeys(realm)) add(realm[key])
for (const hidden of [
  function* () {},
  async function () {},
  async function* () {},
  [][Symbol.iterator](),
  ''[Symbol.iterator](),
  new Map().entries(),
  new Set().values(),
  ''.matchAll(/x/g),
]) {
  add(hidden)
}
for (let object = queue.pop(); object !== undefined; object = queue.pop()) {
  add(getPrototypeOf(object))
  const properties = getOwnPropertyDescriptors(object) as Record<PropertyKey, Property>
  const lets = inherited.has(object)
  for (const key of ownKeys(properties)) {
    const property = properties[key] as Property
    add(property.value)
    add(property.get)
    add(property.set)
    if (lets && 'value' in property && property.configurable === true) letOverride(object, key, property)
  }
  freeze(object)
}

/** Maximum length of an error text. */
const errorLength = 4000

/** Name and message of a thrown value, which can be anything. */
function describe(fault: unknown): string {
  try {
    if (!(fault instanceof Error)) return line(`${toText(fault)} was thrown, which is not an Error`)
    const { name, message } = fault
    return line(`${toText(name)}: ${toText(message)}`)
  } catch {
    return 'a value was thrown that cannot be shown'
  }
}

const line = (text: string): string => text.replace(/\s+/g, ' ').slice(0, errorLength)

/** The functions that were running at the throw, one per line, if the program knows them. */
function functionsAt(program: Program | null, fault: unknown): string {
  try {
    const names = program?.functionsAt?.(fault) ?? []
    let lines = ''
    for (const name of names) {
      lines += `\n${toText(name)}`
      if (lines.length > errorLength) break
    }
    return lines.slice(0, errorLength)
  } catch {
    return ''
  }
}

/** Maximum number of coverage points. Patches have fewer lines; further ones are ignored. */
const coverageLimit = 1 << 16

/** The program's coverage points set the elements. The array is a variable of the program, and a property of no object. */
const coverage = new Uint8Array(coverageLimit)
let loaded: Load | null = null
/** A WebAssembly program, which is shared by its jobs. */
let kept: Program | null = null

/** Returns the numbers of the coverage points that were hit, separated by commas, to a caller that knows the key. */
function readHits(key: unknown): string {
  if (key !== hitsKey) return ''
  let text = ''
  for (let i = coverage.indexOf(1); i >= 0; i = coverage.indexOf(1, i + 1))
    text += text === '' ? toText(i) : `,${toText(i)}`
  return text
}

function loadProgram(load: Load): void {
  Reflect.deleteProperty(realm, 'loadProgram')
  loaded = load
}

/** Returns the program for the next job. */
function programForJob(): Program {
  if (kept !== null) return kept
  const load = loaded
  loaded = null
  if (load === null) throw new TypeError('there is no program')
  const program = load(coverage, wasm)
  if (kind === 'wasm') kept = program
  return program
}

/**
 * Plays a job. Loads the program before the first one.
 *
 * @returns `o` (completed) or `x` (failed), the coverage point numbers, a newline, and the result or error text
 */
function runJob(job: string): string {
  // Patched JavaScript must not be able to run another job.
  if (kind === 'closed') Reflect.deleteProperty(realm, 'runJob')
  coverage.fill(0)
  let letter = 'x'
  let text: string
  let program: Program | null = null
  try {
    program = programForJob()
    const result: unknown = program.play(job)
    if (typeof result === 'string') {
      letter = 'o'
      text = result
    } else {
      text = `play() returned ${result === null ? 'null' : typeof result}, not a string`
    }
  } catch (fault) {
    text = describe(fault) + functionsAt(program, fault)
  }
  return `${letter}${readHits(hitsKey)}\n${text}`
}

for (const [name, value] of Object.entries({ loadProgram, runJob, readHits }))
  defineProperty(realm, name, { value: freeze(value), configurable: name !== 'readHits' })
