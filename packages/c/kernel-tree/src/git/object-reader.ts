// SPDX-License-Identifier: GPL-2.0-only
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { kill } from '@pfo-workbench/process'
import { KernelTreeError } from '../error.ts'
import type { BorrowedRepository } from './borrowed.ts'

interface Question {
  readonly answer: (bytes: Buffer | null) => void
  readonly fail: (fault: Error) => void
}

/** Reads objects through one git process, which runs as long as the tree is open. */
export class ObjectReader {
  readonly #repository: BorrowedRepository
  #child: Promise<ChildProcessWithoutNullStreams> | null = null
  readonly #questions: Question[] = []
  #chunks: Buffer[] = []
  #size = 0
  /** Size of the object whose header was read; null while a header is expected. */
  #wanted: number | null = null

  constructor(repository: BorrowedRepository) {
    this.#repository = repository
  }

  /**
   * Reads a blob.
   *
   * @param id - the id of the blob
   * @returns the content of the blob, or null if the repository does not have it
   * @throws KernelTreeError `repository` if git ends before it answers
   */
  async read(id: string): Promise<Buffer | null> {
    const child = await (this.#child ??= this.#start())
    return new Promise((answer, fail) => {
      this.#questions.push({ answer, fail })
      child.stdin.write(`${id}\n`)
    })
  }

  /** Kills git. */
  async dispose(): Promise<void> {
    const child = await this.#child
    if (child != null) kill(child)
  }

  async #start(): Promise<ChildProcessWithoutNullStreams> {
    const child = await this.#repository.startReader()
    child.stdout.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.#size += chunk.length
      // Concatenate the chunks once, when the whole object has arrived.
      if (this.#wanted === null || this.#size > this.#wanted) this.#parse()
    })
    child.once('close', () => {
      this.#child = null
      this.#chunks = []
      this.#size = 0
      this.#wanted = null
      const fault = new KernelTreeError('repository', 'git ended unexpectedly')
      for (const { fail } of this.#questions.splice(0)) fail(fault)
    })
    return child
  }

  #parse(): void {
    let bytes = Buffer.concat(this.#chunks)
    while (bytes.length > 0) {
      if (this.#wanted === null) {
        const end = bytes.indexOf(10)
        if (end < 0) break
        const head = bytes.toString('latin1', 0, end)
        bytes = bytes.subarray(end + 1)
        const size = /^\w+ \w+ (\d+)$/.exec(head)?.[1]
        if (size === undefined) this.#questions.shift()?.answer(null)
        else this.#wanted = Number(size)
      } else {
        // A newline follows the object.
        if (bytes.length <= this.#wanted) break
        this.#questions.shift()?.answer(Buffer.from(bytes.subarray(0, this.#wanted)))
        bytes = bytes.subarray(this.#wanted + 1)
        this.#wanted = null
      }
    }
    this.#chunks = [bytes]
    this.#size = bytes.length
  }
}
