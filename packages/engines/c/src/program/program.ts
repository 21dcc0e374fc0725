// SPDX-License-Identifier: GPL-2.0-only
// Runs in the sandbox, next to the WebAssembly that is made from the user's C code. No Node API is available there.
import { imageFromJson, type Image } from '@pfo-workbench/image'
import type { KernelRelease, WebAssemblyApi } from '@pfo-workbench/machine'
import type { Boot } from '@pfo-workbench/play'
import { bootable } from '../booted/boot.ts'

/** Data that a bundle passes to its program, in addition to what the sandbox passes. */
export interface ProgramParts {
  /** The output of `imageToJson`. */
  readonly image: string
  readonly release: KernelRelease
  /** For each coverage point of the image, the statements that ran if the point was hit. */
  readonly statements: readonly (readonly number[])[]
  /** Numbers of statements that count as run whenever the kernel runs. */
  readonly always: readonly number[]
  /** The sandbox's record of statements that ran. */
  readonly hits: Uint8Array
  readonly webAssembly: WebAssemblyApi
}

/** Creates the function that a bundle exports. It plays a job on the bundle's kernel and notes which statements ran. */
export function programOf(
  { image: json, release, statements, always, hits, webAssembly }: ProgramParts,
  playJob: (job: string, boot: Boot) => string,
): (job: string) => string {
  const image: Image = imageFromJson(json)
  const { boot, coverage } = bootable({ image, release, webAssembly })
  return (job) => {
    try {
      return playJob(job, boot)
    } finally {
      for (const statement of always) hits[statement] = 1
      for (const [index, hit] of coverage().entries()) {
        if (hit !== 0) for (const statement of statements[index] ?? []) hits[statement] = 1
      }
    }
  }
}
