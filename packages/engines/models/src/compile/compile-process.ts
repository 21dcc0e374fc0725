// SPDX-License-Identifier: GPL-2.0-only
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { dirname, extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import {
  ErrorOutput,
  dieWithParentCommand,
  TemporaryFolder,
  TemporaryFolderError,
  killAtExit,
} from '@pfo-workbench/process'
import type { Compilation, Compiled } from './compile.ts'
import type { CompileAnswer, CompileRequest } from './compile-main.ts'
import type { ModelSources } from '../sources.ts'

/** Limits for compiling one variant. */
export interface CompileLimits {
  /** Wall-clock time. Patches take one or two seconds, and several times that on a busy machine. */
  readonly milliseconds: number
  /** JavaScript heap. TypeScript needs about 200 MB for the models. */
  readonly memoryMegabytes: number
}

/** The default limits. */
export const compileLimits: CompileLimits = { milliseconds: 120_000, memoryMegabytes: 2_048 }

/** Reason why compilation did not finish. */
interface Ended {
  readonly status: 'timeout' | 'crashed'
  readonly what: string
}

/** A compiled variant, or the reason why compilation did not finish. */
export type CompileResult = Compiled | Ended

const state: { program: string | null } = { program: null }

/** Program of the process as a script. Its module may be TypeScript, which Node does not run. */
function loadProgram(): string {
  const extension = extname(import.meta.url)
  // The asynchronous `build` leaves a service process running.
  state.program ??=
    buildSync({
      entryPoints: [fileURLToPath(new URL(`./compile-main${extension}`, import.meta.url))],
      bundle: true,
      conditions: extension === '.ts' ? ['@pfo-workbench/source'] : [],
      external: ['esbuild', 'typescript'],
      format: 'cjs',
      platform: 'node',
      target: 'es2022',
      write: false,
      logLevel: 'silent',
      define: {
        'import.meta.url': JSON.stringify(import.meta.url),
        'import.meta.dirname': JSON.stringify(import.meta.dirname),
      },
    }).outputFiles[0]?.text ?? ''
  return state.program
}

/**
 * Compiles in a child process that is killed if it exceeds the limits. The next variant then gets a new process.
 * Callers can abort a compilation, and other variants can be played meanwhile.
 */
export class CompileProcess {
  readonly #sources: ModelSources
  readonly #entry: string
  readonly #limits: CompileLimits
  #child: ChildProcess | null = null
  #folder: TemporaryFolder | null = null
  #errorOutput = new ErrorOutput()

  constructor(sources: ModelSources, entry: string, limits: CompileLimits) {
    this.#sources = sources
    this.#entry = entry
    this.#limits = limits
  }

  /**
   * Compiles one variant. Must not be called while a compilation is running.
   *
   * @param signal - kills the process
   * @throws TemporaryFolderError if the folder for temporary files cannot be created or written
   * @throws the signal's reason if the signal is aborted
   */
  async compile(compilation: Compilation, signal?: AbortSignal): Promise<CompileResult> {
    const child = (this.#child ??= await this.#start())
    const abort = (): void => {
      child.kill('SIGKILL')
    }
    signal?.addEventListener('abort', abort)
    if (signal?.aborted === true) abort()
    const answer = await this.#ask(child, { kind: 'compile', ...compilation })
    signal?.removeEventListener('abort', abort)
    if (signal?.aborted === true) {
      await this.stop()
      signal.throwIfAborted()
    }
    if (answer.status === 'unwritable') {
      await this.stop()
      throw new TemporaryFolderError(
        'not-writable',
        `the temporary folder ${tmpdir()} is not writable: ${answer.what}. Accepted: a writable TMPDIR with some free megabytes.`,
      )
    }
    if ('spent' in answer || answer.status === 'timeout' || answer.status === 'crashed') await this.stop()
    return answer
  }

  /** Kills the process, if there is one. */
  async stop(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const closed = once(child, 'close')
      child.kill('SIGKILL')
      await closed
    }
    await this.#folder?.dispose()
    this.#folder = null
  }

  async #start(): Promise<ChildProcess> {
    // A process that died may have left a variant in its folder.
    await this.stop()
    const folder = (this.#folder = await TemporaryFolder.create('pfo-bundle'))
    const options = [`--max-old-space-size=${String(this.#limits.memoryMegabytes)}`, '--input-type=commonjs']
    const command = [...(await dieWithParentCommand()), process.execPath, ...options, '--eval', loadProgram()]
    const [file = process.execPath, ...args] = command
    // Node resolves packages from the working directory.
    const cwd = dirname(fileURLToPath(import.meta.url))
    const child = spawn(file, args, {
      cwd,
      // With Go's default setting, garbage collection takes a third of esbuild's time.
      env: { ...process.env, GOGC: '400' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      windowsHide: true,
    })
    killAtExit(child)
    // `#ask` reports the error to its caller. A process that dies while idle is replaced.
    child.on('error', () => undefined)
    child.once('close', () => {
      if (this.#child === child) this.#child = null
    })
    const errorOutput = (this.#errorOutput = new ErrorOutput())
    child.stderr?.on('data', (bytes: Buffer) => {
      errorOutput.add(bytes)
    })
    const { files, entries } = this.#sources
    const sources: CompileRequest = {
      kind: 'sources',
      files: [...files],
      entries: [...entries],
      entry: this.#entry,
      folder: folder.path,
    }
    child.send(sources)
    return child
  }

  async #ask(child: ChildProcess, request: CompileRequest): Promise<CompileAnswer | Ended> {
    const { milliseconds } = this.#limits
    return new Promise((resolve) => {
      const settle = (answer: CompileAnswer | Ended): void => {
        clearTimeout(timer)
        child.off('message', settle).off('close', closed).off('error', failed)
        resolve(answer)
      }
      const closed = (code: number | null, signal: NodeJS.Signals | null): void => {
        settle({ status: 'crashed', what: this.#causeOfDeath(code, signal) })
      }
      const failed = ({ message }: Error): void => {
        settle({ status: 'crashed', what: `the patched models cannot be compiled: ${message}` })
      }
      const timer = setTimeout(() => {
        const seconds = String(milliseconds / 1000)
        settle({ status: 'timeout', what: `compiling the patched models took longer than ${seconds} s.` })
      }, milliseconds)
      child.on('message', settle).on('close', closed).on('error', failed)
      child.send(request)
    })
  }

  #causeOfDeath(code: number | null, signal: NodeJS.Signals | null): string {
    if (this.#errorOutput.reportsLackOfMemory) {
      const limit = String(this.#limits.memoryMegabytes)
      return `compiling the patched models takes more than ${limit} MB of memory.`
    }
    const how = signal === null ? `with code ${String(code)}` : `by ${signal}`
    return `the compiler of the patched models ended ${how}.`
  }
}
