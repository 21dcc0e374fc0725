// SPDX-License-Identifier: GPL-2.0-only

/**
 * Runs first in a new realm. It takes away what differs from run to run or from machine to machine
 * (clock, randomness, locale, addresses, V8's stacks), makes the language's own objects immutable, and leaves behind the
 * functions through which the program is loaded and its job is run. Only strings go in and out.
 */
import type { Load, Program, Realm } from './protocol.ts'

const realm = globalThis as unknown as Realm & Record<PropertyKey, unknown>
const { defineProperty, freeze, getOwnPropertyDescriptors, getPrototypeOf } = Object
const { ownKeys } = Reflect
const toText = String
const { kind, key: hitsKey } = realm
Reflect.deleteProperty(realm, 'kind')
Reflect.deleteProperty(realm, 'key')
/** For the loader of a program that runs as WebAssembly; JavaScript that was patched never gets it. */
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
/** These know the last match of anybody: `RegExp.$1`. */
for (const name of Object.getOwnPropertyNames(RegExp)) {
  if (!['length', 'name', 'prototype'].includes(name)) Reflect.deleteProperty(RegExp, name)
}
if (kind === 'closed') {
  // Frames of V8's stacks tell of this process: of its scripts, their places, texts and hashes. Errors have none.
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
 * Prototypes whose properties stay assignable on the objects below them: a frozen `Error.prototype.message` would forbid
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

/** What `Iterator` makes, where there is one. */
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

/** Longest text kept of an error. */
const errorLength = 4000

/** What was thrown, which can be anything: its name and message. */
function describe(fault: unknown): string {
  try {
    if (!(fault instanceof Error)) return line(`${toText(fault)} was thrown, which is no Error`)
    const { name, message } = fault
    return line(`${toText(name)}: ${toText(message)}`)
  } catch {
    return 'something was thrown that cannot be described'
  }
}

const line = (text: string): string => text.replace(/\s+/g, ' ').slice(0, errorLength)

/** The functions that were running when something was thrown, one a line, as far as the program knows. */
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

/** More probes than patches have lines; one beyond that is not seen. */
const probeLimit = 1 << 16

/** Its elements are set by the probes in the program, which know it as a variable: it is no property of anything. */
const probes = new Uint8Array(probeLimit)
let loaded: Load | null = null
/** Of WebAssembly: what its jobs have in common. */
let kept: Program | null = null

/** Which probes were hit, for who knows the key: their numbers, with commas between them. */
function readHits(key: unknown): string {
  if (key !== hitsKey) return ''
  let text = ''
  for (let i = probes.indexOf(1); i >= 0; i = probes.indexOf(1, i + 1))
    text += text === '' ? toText(i) : `,${toText(i)}`
  return text
}

function loadProgram(load: Load): void {
  Reflect.deleteProperty(realm, 'loadProgram')
  loaded = load
}

/** The program for the next job. */
function programForJob(): Program {
  if (kept !== null) return kept
  const load = loaded
  loaded = null
  if (load === null) throw new TypeError('there is no program')
  const program = load(probes, wasm)
  if (kind === 'wasm') kept = program
  return program
}

/**
 * Has the program play a job; loads it before the first.
 *
 * @returns what it came to: the first letter tells whether to its end (`o`) or not there (`x`), then the probes in a line
 */
function runJob(job: string): string {
  // Patched JavaScript finds nothing to run another job with.
  if (kind === 'closed') Reflect.deleteProperty(realm, 'runJob')
  probes.fill(0)
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
