// SPDX-License-Identifier: GPL-2.0-only

/**
 * The program of the child process that runs patched code. It reads lines from standard input and writes lines to
 * standard output. It is synchronous throughout, so code that patched code leaves behind cannot run while this program
 * waits.
 *
 * Patched code has its own realm. It gets no object of this realm, and this program uses only strings from the other
 * one: accessing a foreign object could run code. This file must stay in strict mode: V8's call sites expose functions
 * that are not strict.
 */
import { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { readSync, writeSync } from 'node:fs'
import { cpuUsage } from 'node:process'
import { types } from 'node:util'
import { createContext, Script, type Context } from 'node:vm'
import type { Header, Request } from './protocol.ts'
import type { Answer } from '../answers.ts'

const { isNativeError, isProxy } = types

/** Reads standard input line by line, on request. */
class Lines {
  readonly #chunk = Buffer.alloc(1 << 16)
  #rest: Buffer = Buffer.alloc(0)
  #ended = false

  /** Returns the next line, or null at the end. An unfinished last line is dropped. */
  next(): string | null {
    const parts: Buffer[] = []
    for (;;) {
      const end = this.#rest.indexOf(10)
      if (end >= 0) {
        parts.push(this.#rest.subarray(0, end))
        this.#rest = this.#rest.subarray(end + 1)
        return Buffer.concat(parts).toString()
      }
      if (this.#ended) return null
      parts.push(this.#rest)
      const length = readSync(0, this.#chunk)
      this.#ended = length === 0
      this.#rest = Buffer.from(this.#chunk.subarray(0, length))
    }
  }
}

/** An answer without the id of its request. */
type JobAnswer = Omit<Answer, 'id'>

function tooLong(hits: Answer['hits'], bytes: number, limit: number): JobAnswer {
  const text = `the result is too long: ${String(bytes)} bytes; at most ${String(limit)} are accepted`
  return { status: 'crashed', hits, text }
}

function answer(id: string, outcome: JobAnswer, limit: number): void {
  const { hits, text } = outcome
  if (text.length > limit) {
    answer(id, tooLong(hits, text.length, limit), limit)
    return
  }
  const bytes = Buffer.from(`${JSON.stringify({ id, ...outcome } satisfies Answer)}\n`)
  if (bytes.length > limit && outcome.status === 'ok') {
    answer(id, tooLong(hits, bytes.length, limit), limit)
    return
  }
  for (let written = 0; written < bytes.length;) written += writeSync(1, bytes, written)
}

/**
 * True if `fault` is the error with which `vm` ends a script that ran too long. The error belongs to the script's
 * realm, so the check must not run code: it reads no accessor properties and triggers no proxy traps.
 */
function isTimeout(fault: unknown): boolean {
  if (isProxy(fault) || !isNativeError(fault)) return false
  return Object.getOwnPropertyDescriptor(fault, 'code')?.value === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}

/** Time to read the coverage points after a job was stopped, in ms. */
const hitsMilliseconds = 2_000

/** Patched code does not know the key, so it cannot read its own hits. */
const hitsKey = randomUUID()

const readHits = new Script(`readHits(${JSON.stringify(hitsKey)})`)

/** The hits of a job that did not complete; null if the realm does not answer. */
function hitsOf(realm: Context): number[] | null {
  try {
    const hits: unknown = readHits.runInContext(realm, { timeout: hitsMilliseconds, displayErrors: false })
    return typeof hits === 'string' ? numbersIn(hits) : null
  } catch {
    return null
  }
}

const numbersIn = (hits: string): number[] => (hits === '' ? [] : hits.split(',').map(Number))

/**
 * Provides the realms of a program's jobs. Patched JavaScript gets a new realm for each job. The realm of a WebAssembly
 * program is reused while its jobs succeed: patched code has memory but no objects there, and the program restores the
 * memory before each job.
 */
class Stage {
  readonly #header: Header
  readonly #scripts: readonly Script[]
  #kept: Context | null = null

  /** @param program - script that passes the bundle to a realm's `loadProgram` */
  constructor(header: Header, program: string) {
    this.#header = header
    this.#scripts = [new Script(header.lockdown), new Script(program, { filename: 'program.js' })]
  }

  /**
   * Plays a job. A job that timed out but hardly got a processor is played again with twice the time, until the time is
   * `patience` times the limit.
   */
  play(job: string): JobAnswer {
    const { jobMilliseconds, patience } = this.#header
    const script = new Script(`"use strict"; runJob(${JSON.stringify(job)})`)
    for (let limit = jobMilliseconds; ; limit *= 2) {
      const before = cpuUsage()
      const outcome = this.#run(limit, script)
      const { user, system } = cpuUsage(before)
      const starved = (user + system) / 1000 < jobMilliseconds / 2
      if (outcome.status !== 'timeout' || !starved || limit >= jobMilliseconds * patience) return outcome
    }
  }

  #run(timeout: number, job: Script): JobAnswer {
    const kept = this.#kept
    this.#kept = null
    const realm = kept ?? this.#makeRealm()
    const scripts = kept === null ? [...this.#scripts, job] : [job]
    let result: unknown
    try {
      for (const script of scripts) result = script.runInContext(realm, { timeout, displayErrors: false })
    } catch (fault) {
      if (isTimeout(fault)) return { status: 'timeout', hits: hitsOf(realm), text: '' }
      return {
        status: 'crashed',
        hits: hitsOf(realm),
        text: 'the program failed with an error that it did not return',
      }
    }
    if (typeof result !== 'string')
      return { status: 'crashed', hits: hitsOf(realm), text: 'the program returned no result' }
    const isWell = result.startsWith('o')
    if (isWell && this.#header.kind === 'wasm') this.#kept = realm
    const end = result.indexOf('\n')
    return {
      status: isWell ? 'ok' : 'crashed',
      hits: numbersIn(result.slice(1, end)),
      text: result.slice(end + 1),
    }
  }

  #makeRealm(): Context {
    const { kind } = this.#header
    return createContext(Object.assign(Object.create(null) as object, { kind, key: hitsKey }), {
      codeGeneration: { strings: false, wasm: kind === 'wasm' },
      microtaskMode: 'afterEvaluate',
    })
  }
}

function playerOf(header: Header, program: string): (job: string) => JobAnswer {
  try {
    const stage = new Stage(header, program)
    return (job) => stage.play(job)
  } catch (fault) {
    return () => ({ status: 'crashed', hits: [], text: String(fault) })
  }
}

function main(): void {
  const lines = new Lines()
  const first = JSON.parse(lines.next() ?? '') as Request
  const header = JSON.parse(first.text) as Header
  const program = JSON.parse(lines.next() ?? '""') as string
  answer(first.id, { status: 'ready', hits: [], text: '' }, header.answerBytes)
  const play = playerOf(header, program)
  for (let line = lines.next(); line !== null; line = lines.next()) {
    const { id, text: job } = JSON.parse(line) as Request
    answer(id, play(job), header.answerBytes)
  }
}

/** Removes this process's capabilities from its global object, as one more obstacle to an escape. */
function dropGlobals(): () => never {
  const own = process
  for (const name of [
    'process',
    'require',
    'module',
    'exports',
    'global',
    'Buffer',
    'fetch',
    'WebSocket',
    'EventSource',
  ]) {
    Reflect.deleteProperty(globalThis, name)
  }
  return () => own.exit(0)
}

const leave = dropGlobals()
main()
leave()
