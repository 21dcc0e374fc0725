// SPDX-License-Identifier: GPL-2.0-only
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { Pool } from '@pfo-workbench/process'
import { build } from 'esbuild'
import type { JudgeAnswer, JudgeTask } from '../judge/task.ts'
import type { VerifyTask } from '../verify/task.ts'
import type { VerifiedFunction } from '../verify/verify.ts'

/** Heap limit of one thread. The IR and the paths of a large driver need about 300 MB. */
const heapMegabytes = 1024

/** An answer, or the reason why there is none. */
export type Answered<Answer> =
  { readonly status: 'ok'; readonly answer: Answer } | { readonly status: 'failed'; readonly reason: string }

/**
 * Judges files in separate threads, each with its own memory limit. If a thread dies, only its current file is lost.
 */
export class JudgeWorkers {
  readonly #pool: Pool
  readonly #idle: Worker[] = []
  #program: Promise<string> | null = null

  /** @param jobs - number of files that are judged in parallel. */
  constructor(jobs: number) {
    this.#pool = new Pool(jobs)
  }

  /** Judges one file as soon as a thread is free. */
  async judge(task: JudgeTask, signal?: AbortSignal): Promise<Answered<JudgeAnswer>> {
    return this.#run<JudgeAnswer>(task, signal)
  }

  /** Verifies the functions of one file against their contracts. */
  async verify(task: VerifyTask, signal?: AbortSignal): Promise<Answered<readonly VerifiedFunction[]>> {
    return this.#run<readonly VerifiedFunction[]>(task, signal)
  }

  async #run<Answer>(task: JudgeTask | VerifyTask, signal?: AbortSignal): Promise<Answered<Answer>> {
    return this.#pool.run(async () => {
      const worker =
        this.#idle.pop() ??
        new Worker(await this.#loadProgram(), {
          eval: true,
          env: {},
          resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
        })
      const answered = await ask<Answer>(worker, task, signal)
      if (answered.status === 'ok') this.#idle.push(worker)
      else await worker.terminate()
      return answered
    }, signal)
  }

  /** Terminates the idle threads. Call this when no task is running: threads with a task are not terminated. */
  async dispose(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map(async (worker) => worker.terminate()))
  }

  /** Bundles the thread's program into a script, because its module may be TypeScript, which Node does not run. */
  async #loadProgram(): Promise<string> {
    this.#program ??= build({
      entryPoints: [fileURLToPath(new URL(`./worker-main${extname(import.meta.url)}`, import.meta.url))],
      bundle: true,
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      conditions: extname(import.meta.url) === '.ts' ? ['@pfo-workbench/source'] : [],
      write: false,
      // Ignore any tsconfig.json in a parent folder.
      tsconfigRaw: '{}',
      logLevel: 'silent',
    }).then(({ outputFiles }) => outputFiles[0]?.text ?? '')
    return this.#program
  }
}

async function ask<Answer>(
  worker: Worker,
  task: JudgeTask | VerifyTask,
  signal?: AbortSignal,
): Promise<Answered<Answer>> {
  return new Promise((resolve, reject) => {
    const finish = (end: () => void): void => {
      worker.off('message', answer).off('error', fail).off('exit', exit)
      signal?.removeEventListener('abort', abort)
      end()
    }
    const answer = (given: Answer): void => finish(() => resolve({ status: 'ok', answer: given }))
    const failed = (reason: string): void => finish(() => resolve({ status: 'failed', reason }))
    const fail = (error: Error & { code?: string }): void => {
      const isTooLarge = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      failed(isTooLarge ? `more than ${heapMegabytes} MB of memory are needed` : error.message)
    }
    const exit = (): void => failed('its thread ended')
    const abort = (): void =>
      finish(() => {
        void worker.terminate()
        reject(signal?.reason instanceof Error ? signal.reason : new Error('interrupted'))
      })
    signal?.addEventListener('abort', abort, { once: true })
    worker.on('message', answer).on('error', fail).on('exit', exit)
    worker.postMessage(task)
  })
}
