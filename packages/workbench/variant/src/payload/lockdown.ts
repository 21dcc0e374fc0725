// SPDX-License-Identifier: GPL-2.0-only

/**
 * Runs first in the realm in which patched code is to run, as a script. It takes away what makes runs differ (clock,
 * randomness, locale) or what runs later by itself, makes the language's own objects immutable, and leaves behind the two
 * functions through which a job is run. Only strings go in and out.
 */
import type { Realm } from './protocol.ts'

const realm = globalThis as unknown as Realm & Record<PropertyKey, unknown>
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
const probes = new Uint8Array(probeLimit)
let handedOut = false

/** Which probes were hit: their numbers, with commas between them. */
function hits(): string {
  let text = ''
  for (let i = 0; i < probeLimit; i++) if (probes[i] === 1) text += text === '' ? toText(i) : `,${toText(i)}`
  return text
}

/** Loads the bundle and has it play one job. The result's first letter tells whether it came to its end. */
function runJob(load: (hits: Uint8Array) => unknown, job: string): string {
  if (handedOut) throw new TypeError('only the workbench runs jobs')
  handedOut = true
  let letter = 'x'
  let text: string
  try {
    const result: unknown = (load(probes) as { play(job: string): unknown }).play(job)
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

defineProperty(realm, 'runJob', { value: freeze(runJob) })
defineProperty(realm, 'readHits', { value: freeze(hits) })
