// SPDX-License-Identifier: GPL-2.0-only

/**
 * Runs first in the realm in which patched code is to run, as a script. It takes away what makes runs differ (clock,
 * randomness, locale) or what runs later by itself, makes the language's own objects immutable, and leaves behind the
 * functions through which jobs are run. Only strings go in and out.
 */
import type { Load, Realm } from './protocol.ts'

const realm = globalThis as unknown as Realm & Record<PropertyKey, unknown>
/** Whoever has it is the workbench. */
const secret = realm.key
Reflect.deleteProperty(realm, 'key')
const { defineProperty, freeze, getOwnPropertyDescriptor, getPrototypeOf } = Object
const { ownKeys } = Reflect
const toText = String

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

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

/** `Error` itself stays as it is: call chains are read through its `stackTraceLimit` and `prepareStackTrace`. */
const seen = new Set<object>([realm, Error])
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

function letOverride(owner: object, key: PropertyKey, { value, enumerable }: PropertyDescriptor): void {
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

/** One of the frames that whoever writes stacks is given. */
function callSite(): unknown {
  const v8 = Error as unknown as { prepareStackTrace?: unknown }
  v8.prepareStackTrace = (_fault: unknown, sites: unknown): unknown => sites
  const [site] = new Error().stack as unknown as unknown[]
  Reflect.deleteProperty(Error, 'prepareStackTrace')
  return site
}

/** What `Iterator` makes, where there is one. */
function iterators(): unknown[] {
  const { Iterator } = realm as { Iterator?: { from(one: object): { map(f: () => void): unknown } } }
  if (Iterator === undefined) return []
  const wrapped = Iterator.from({ next: () => ({ done: true }) })
  return [wrapped, wrapped.map(() => undefined)]
}

add(getPrototypeOf(realm))
add(callSite())
for (const one of iterators()) add(one)
for (const key of ownKeys(realm)) add(realm[key])
for (const key of ownKeys(Error)) add(getOwnPropertyDescriptor(Error, key)?.value)
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
  for (const key of ownKeys(object)) {
    const property = getOwnPropertyDescriptor(object, key)
    if (property === undefined) continue
    for (const part of Object.values(property)) add(part)
    if ('value' in property && property.configurable === true && inherited.has(object))
      letOverride(object, key, property)
  }
  freeze(object)
}

/** Longest text kept of an error. */
const errorLength = 4000

/** What was thrown, which can be anything: its name and message, and its stack in the lines below. */
function describe(fault: unknown): string {
  try {
    if (!(fault instanceof Error))
      return `${toText(fault)} was thrown, which is no Error`.replace(/\s+/g, ' ').slice(0, errorLength)
    const { name, message, stack } = fault
    return (
      `${toText(name)}: ${toText(message)}`.replace(/\s+/g, ' ').slice(0, errorLength) +
      `\n${toText(stack).slice(0, errorLength)}`
    )
  } catch {
    return 'something was thrown that cannot be described'
  }
}

/** More probes than patches have lines; one beyond that is not seen. */
const probeLimit = 1 << 16

/** Its elements are set by the probes in the bundle, which know it as a variable: it is no property of anything. */
let probes = new Uint8Array()
let program: Load | null = null

/** Which probes were hit: their numbers, with commas between them. */
function hits(): string {
  let text = ''
  for (let i = probes.indexOf(1); i >= 0; i = probes.indexOf(1, i + 1))
    text += text === '' ? toText(i) : `,${toText(i)}`
  return text
}

function isSame(one: PropertyDescriptor | undefined, other: PropertyDescriptor | undefined): boolean {
  if (one === undefined || other === undefined) return false
  const parts = Object.entries(one)
  return (
    parts.length === ownKeys(other).length &&
    parts.every(([part, value]) => Object.is(value, getOwnPropertyDescriptor(other, part)?.value))
  )
}

/** The properties of an object, and whether they are still the same. */
function watch(object: object): () => boolean {
  const known = new Map(ownKeys(object).map((key) => [key, getOwnPropertyDescriptor(object, key)]))
  return () => {
    const keys = ownKeys(object)
    return (
      keys.length === known.size &&
      keys.every((key) => isSame(known.get(key), getOwnPropertyDescriptor(object, key)))
    )
  }
}

function only(given: string): void {
  if (given !== secret) throw new TypeError('only the workbench runs jobs')
}

function loadProgram(given: string, load: Load): void {
  only(given)
  program = load
}

/**
 * Loads the bundle and has it play one job. Loading makes all its variables anew. Beside those variables code can leave
 * something behind in two objects only, as all others are immutable: where these are not as they were, no job is run any more.
 *
 * @returns what it came to: the first letter tells whether to its end (`o`), not there (`x`), or was not run (`d`)
 */
function runJob(given: string, job: string): string {
  only(given)
  if (program === null || !isAsBefore.every((one) => one())) return 'd'
  probes = new Uint8Array(probeLimit)
  let letter = 'x'
  let text: string
  try {
    const result: unknown = program(probes).play(job)
    if (typeof result === 'string') {
      letter = 'o'
      text = result
    } else {
      text = `play() returned ${result === null ? 'null' : typeof result}, not a string`
    }
  } catch (fault) {
    text = describe(fault)
  }
  return `${letter}${hits()}\n${text}`
}

for (const [name, value] of Object.entries({ loadProgram, runJob, readHits: hits }))
  defineProperty(realm, name, { value: freeze(value) })
// Who reads a call chain sets this and sets it back.
defineProperty(Error, 'prepareStackTrace', {
  value: undefined,
  writable: true,
  enumerable: true,
  configurable: true,
})
const isAsBefore = freeze([watch(realm), watch(Error)])
