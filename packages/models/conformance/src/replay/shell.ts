// SPDX-License-Identifier: GPL-2.0-only
import type { RecordedKernel } from './recorded-kernel.ts'

/** Thrown if the shell, or a process that it waits for, never returns. */
export class StepHung extends Error {}
/** Thrown if an Oops kills the shell itself. */
export class StepKilled extends Error {}

/** Exit status that a shell reports for a process killed by an Oops. */
export const segmentationFault = 139

/** Exit status of a process that failed. */
export const exitFailure = 1

/** Reads sysfs like the shell of the recordings: each read is a separate process; the shell itself expands globs. */
export class Shell {
  readonly #kernel: RecordedKernel

  constructor(kernel: RecordedKernel) {
    this.#kernel = kernel
  }

  /** The names in a directory, as a glob finds them; none if the directory does not exist. */
  glob(directory: string): readonly string[] {
    return this.#namesIn(directory) ?? []
  }

  /** True if a path is a directory, following links. */
  isDirectory(path: string): boolean {
    return this.#namesIn(path) !== null
  }

  /**
   * The entries of a directory, read by the shell itself; null if the path is not a directory.
   *
   * @throws StepHung, StepKilled if the shell does not return
   */
  #namesIn(path: string): readonly string[] | null {
    const names = this.#kernel.userSpace.readdir(path)
    if (names === null) throw this.#kernel.lastTaskHangs ? new StepHung() : new StepKilled()
    return typeof names === 'number' ? null : names
  }

  /** The target of a link; empty if there is none, or if an Oops killed the reader. */
  link(path: string): string {
    const text = this.#kernel.userSpace.readlink(path)
    if (text === null && this.#kernel.lastTaskHangs) throw new StepHung()
    return typeof text === 'string' ? text : ''
  }

  /** The content of a file, or the exit status of the process that failed to read it. */
  cat(path: string): string | number {
    const content = this.#kernel.userSpace.read(path)
    if (content === null) {
      if (this.#kernel.lastTaskHangs) throw new StepHung()
      return segmentationFault
    }
    return typeof content === 'string' ? content : exitFailure
  }
}
