// SPDX-License-Identifier: GPL-2.0-only
// Runs in the sandbox, beside the WebAssembly that is made of the user's C. Nothing of Node is there.
import { imageFromJson, type Image } from '@pfo-workbench/image'
import type { KernelRelease, WebAssemblyApi } from '@pfo-workbench/machine'
import type { Boot } from '@pfo-workbench/play'
import { bootable } from '../subject/boot.ts'

/** What a bundle hands to its program, besides what the sandbox does. */
export interface ProgramParts {
  /** As `imageToJson` writes it. */
  readonly image: string
  readonly release: KernelRelease
  /** By the number of a probe of the image: number of the statement that ran if the probe was hit; -1 for none. */
  readonly statements: readonly number[]
  /** The sandbox's record of statements that ran. */
  readonly hits: Uint8Array
  readonly webAssembly: WebAssemblyApi
}

/** Makes the function that a bundle offers: it plays a job on the kernel of the bundle. */
export function programOf(
  { image: json, release, statements, hits, webAssembly }: ProgramParts,
  playJob: (job: string, boot: Boot) => string,
): (job: string) => string {
  const image: Image = imageFromJson(json)
  const { boot, probes } = bootable({ image, release, webAssembly })
  return (job) => {
    try {
      return playJob(job, boot)
    } finally {
      for (const [index, hit] of probes().entries()) {
        const statement = statements[index] ?? -1
        if (hit !== 0 && statement >= 0) hits[statement] = 1
      }
    }
  }
}
