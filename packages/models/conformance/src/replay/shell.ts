// SPDX-License-Identifier: GPL-2.0-only
import type { RecordedKernel } from './recorded-kernel.ts'

/** Thrown where a process that the shell waits for, or the shell itself, never comes back. */
export class StepHung extends Error {}
/** Thrown where an Oops kills the shell itself. */
export class StepKilled extends Error {}

/** Exit status of a process that an Oops killed, as a shell says it. */
export const SEGMENTATION_FAULT = 139

/** Exit status of a process that failed. */
export const EXIT_FAILURE = 1

/** Reads sysfs as the shell of the recordings did: each read is a process of its own, globs are the shell's own work. */
export class Shell {
  readonly #kernel: RecordedKernel

  constructor(kernel: RecordedKernel) {
    this.#kernel = kernel
  }

  /** The names in a directory, as a glob finds them; none if there is no such directory. */
  glob(directory: string): readonly string[] {
    return this.#namesIn(directory) ?? []
  }

  /** Whether a path, with links followed, is a directory. */
  isDirectory(path: string): boolean {
    return this.#namesIn(path) !== null
  }

  /** What the shell itself reads of a directory; null if it is none. */
  #namesIn(path: string): readonly string[] | null {
    const names = this.#kernel.readdir(path)
    if (names === null) throw this.#kernel.lastTaskHangs ? new StepHung() : new StepKilled()
    return typeof names === 'number' ? null : names
  }

  /** The text of a link; empty if there is none, or if an Oops killed the reader. */
  link(path: string): string {
    const text = this.#kernel.readlink(path)
    if (text === null && this.#kernel.lastTaskHangs) throw new StepHung()
    return typeof text === 'string' ? text : ''
  }

  /** The content of a file, or the exit status of the process that failed to read it. */
  cat(path: string): string | number {
    const content = this.#kernel.read(path)
    if (content === null) {
      if (this.#kernel.lastTaskHangs) throw new StepHung()
      return SEGMENTATION_FAULT
    }
    return typeof content === 'string' ? content : EXIT_FAILURE
  }
}
