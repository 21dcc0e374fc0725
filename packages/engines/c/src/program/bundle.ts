// SPDX-License-Identifier: GPL-2.0-only
import { fileURLToPath } from 'node:url'
import { imageToJson, type Image } from '@pfo-workbench/image'
import type { KernelRelease } from '@pfo-workbench/machine'
import { programOptions } from '@pfo-workbench/variant'
import { build } from 'esbuild'

/** The program as source. */
const program = fileURLToPath(new URL('../../src/program/program.ts', import.meta.url))

/** Names under which a bundle finds what is put before it. The sandbox supplies `__pfoHits` and `__pfoWasm`. */
const given = {
  image: '__pfoImage',
  release: '__pfoRelease',
  statements: '__pfoStatements',
  always: '__pfoAlways',
} as const

/** The module that a bundle begins with: a player of jobs that is given the kernel to boot. */
function entryOf(player: string): string {
  return `import { programOf } from ${JSON.stringify(program)}
import { play as playJob } from ${JSON.stringify(player)}
export const play = programOf({
  image: ${given.image}, release: ${given.release}, statements: ${given.statements},
  always: ${given.always},
  hits: __pfoHits, webAssembly: __pfoWasm,
}, playJob)
`
}

/**
 * Everything of a program but the kernel: the machine, and the player.
 *
 * @param player - absolute path of the module that plays jobs; see `BuildOptions` of the run package
 */
export async function bundleCode(player: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: entryOf(player),
      loader: 'ts',
      resolveDir: import.meta.dirname,
      sourcefile: 'entry.ts',
    },
    ...programOptions,
    mainFields: ['module', 'main'],
  })
  return outputFiles[0]?.text ?? ''
}

/** What differs between the programs of an engine. */
export interface BundledKernel {
  readonly image: Image
  readonly release: KernelRelease
  /** See `ProgramParts`. */
  readonly statements: readonly (readonly number[])[]
  readonly always: readonly number[]
}

/** A program for the sandbox: code, with a kernel. */
export function bundleOf(code: string, { image, release, statements, always }: BundledKernel): string {
  return [
    `const ${given.image} = ${JSON.stringify(imageToJson(image))}`,
    `const ${given.release} = ${JSON.stringify(release)}`,
    `const ${given.statements} = ${JSON.stringify(statements)}`,
    `const ${given.always} = ${JSON.stringify(always)}`,
    code,
  ].join(';\n')
}
