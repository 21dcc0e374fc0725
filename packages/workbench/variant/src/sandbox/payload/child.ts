// SPDX-License-Identifier: GPL-2.0-only

/**
 * The program of the child process in which patched code runs. It reads lines from standard input and writes lines to
 * standard output, and everything in between is synchronous: nothing that patched code leaves behind ever runs while this
 * code waits.
 *
 * Patched code is in a realm of its own. Nothing of this realm is handed to it, and nothing that comes out of it is touched
 * unless it is a string: objects of the other realm could answer with code. This text has to stay in strict mode: call
 * sites hand out functions that are not.
 */
import { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { readSync, writeSync } from 'node:fs'
import { cpuUsage } from 'node:process'
import { types } from 'node:util'
import { createContext, Script, type Context } from 'node:vm'
import type { Answer, Header, Request } from './protocol.ts'

const { isNativeError, isProxy } = types

/** Lines of standard input, read when asked for. */
class Lines {
  readonly #chunk = Buffer.alloc(1 << 16)
  #rest: Buffer = Buffer.alloc(0)
  #ended = false

  /** The next line, or null at the end. An unfinished last line is no line. */
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

/** An answer without the request that it is for. */
type Outcome = Omit<Answer, 'id'>

function tooLong(hits: Answer['hits'], bytes: number, limit: number): Outcome {
  const text = `the result is too long: ${String(bytes)} bytes; at most ${String(limit)} are accepted`
  return { status: 'crashed', hits, text }
}

function answer(id: string, outcome: Outcome, limit: number): void {
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
 * Whether `fault` is the error with which `vm` ends a script that ran too long. It is made in the script's realm, so it is
 * looked at without running anything: no property is read that could be a function, and no trap of a proxy is called.
 */
function isTimeout(fault: unknown): boolean {
  if (isProxy(fault) || !isNativeError(fault)) return false
  return Object.getOwnPropertyDescriptor(fault, 'code')?.value === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}

/** Time to read the probes after a job was stopped, in ms. */
const hitsMilliseconds = 2_000

/** Patched code does not know it, and cannot read what it has hit. */
const hitsKey = randomUUID()

const readHits = new Script(`readHits(${JSON.stringify(hitsKey)})`)

/** What was hit by a job that did not come to its end; null if the realm does not say. */
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
 * Where the jobs of a program run. Patched JavaScript gets a realm for each job, in which nothing was before it. The realm of
 * WebAssembly is kept while its jobs end well: patched code has memory and no objects there, and the program puts that memory
 * back before each job.
 */
class Stage {
  readonly #header: Header
  readonly #scripts: readonly Script[]
  #kept: Context | null = null

  constructor(header: Header) {
    this.#header = header
    this.#scripts = [new Script(header.lockdown), new Script(header.program, { filename: 'program.js' })]
  }

  /** Plays a job until it ends or has had its time on a processor, whatever the clock says. */
  play(job: string): Outcome {
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

  #run(timeout: number, job: Script): Outcome {
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
        text: 'the program ended in an error that it did not let out',
      }
    }
    if (typeof result !== 'string')
      return { status: 'crashed', hits: hitsOf(realm), text: 'the program did not end in a result' }
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

function playerOf(header: Header): (job: string) => Outcome {
  try {
    const stage = new Stage(header)
    return (job) => stage.play(job)
  } catch (fault) {
    return () => ({ status: 'crashed', hits: [], text: String(fault) })
  }
}

function main(): void {
  const lines = new Lines()
  const first = JSON.parse(lines.next() ?? '') as Request
  const header = JSON.parse(first.text) as Header
  answer(first.id, { status: 'ready', hits: [], text: '' }, header.answerBytes)
  const play = playerOf(header)
  for (let line = lines.next(); line !== null; line = lines.next()) {
    const { id, text: job } = JSON.parse(line) as Request
    answer(id, play(job), header.answerBytes)
  }
}

/** Takes this process's abilities off its global object: one more thing that an escape would have to find. */
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
