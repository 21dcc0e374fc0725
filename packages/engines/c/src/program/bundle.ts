// SPDX-License-Identifier: GPL-2.0-only
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { imageToJson, type Image } from '@pfo-workbench/image'
import type { KernelRelease } from '@pfo-workbench/machine'
import { programOptions } from '@pfo-workbench/variant'
import { codeIdentity, hashOf, packageOf } from '@pfo-workbench/code'
import { markAsUsed } from '@pfo-workbench/kernel-tree'
import { engineCodeIdentity } from '../build/code-identities.ts'
import { readIntact, writeIntact } from '../build/intact-file.ts'

/** The module that defines `programOf`. Every bundle imports it. */
const program = fileURLToPath(new URL('../../src/program/program.ts', import.meta.url))

/** Names of the globals that a bundle expects. The sandbox supplies `__pfoHits` and `__pfoWasm`. */
const given = {
  image: '__pfoImage',
  release: '__pfoRelease',
  statements: '__pfoStatements',
  always: '__pfoAlways',
} as const

/** Source of the entry module of a bundle: connects the play module with the kernel to boot. */
function entryOf(playModule: string): string {
  return `import { programOf } from ${JSON.stringify(program)}
import { play as playJob } from ${JSON.stringify(playModule)}
export const play = programOf({
  image: ${given.image}, release: ${given.release}, statements: ${given.statements},
  always: ${given.always},
  hits: __pfoHits, webAssembly: __pfoWasm,
}, playJob)
`
}

/**
 * The code of a program without the kernel: the machine and the play module. Taken from the cache if the packages that
 * it is made from are unchanged, because esbuild takes a second.
 *
 * @param playModule - absolute path of the module that plays jobs; see `BuildOptions` of the run package
 */
export async function programCode(playModule: string, cacheFolder: string): Promise<string> {
  const folder = packageOf(playModule)
  const path = relative(folder, playModule)
  // The identity of a package does not cover other folders, such as its tests.
  if (!path.startsWith('src/')) return bundleCode(playModule)
  const key = hashOf([engineCodeIdentity(), codeIdentity(folder), path])
  const file = join(cacheFolder, 'programs', `${key}.js`)
  const known = (await markAsUsed(file)) ? await readIntact(file) : null
  if (known !== null) return known.toString()
  const code = await bundleCode(playModule)
  await writeIntact(file, Buffer.from(code))
  return code
}

async function bundleCode(playModule: string): Promise<string> {
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    stdin: {
      contents: entryOf(playModule),
      loader: 'ts',
      resolveDir: import.meta.dirname,
      sourcefile: 'entry.ts',
    },
    ...programOptions,
    mainFields: ['module', 'main'],
  })
  return outputFiles[0]?.text ?? ''
}

/** Writes a string literal. With single quotes, the double quotes of JSON need no escapes. The text has megabytes. */
const literalOf = (json: string): string => `'${json.replaceAll(/[\\']/g, '\\$&')}'`

/** The part that differs between the programs of an engine. */
export interface BundledKernel {
  readonly image: Image
  readonly release: KernelRelease
  /** See `ProgramParts`. */
  readonly statements: readonly (readonly number[])[]
  readonly always: readonly number[]
}

/** A program for the sandbox: code and a kernel. */
export function bundleOf(code: string, { image, release, statements, always }: BundledKernel): string {
  return [
    `const ${given.image} = ${literalOf(imageToJson(image))}`,
    `const ${given.release} = ${JSON.stringify(release)}`,
    `const ${given.statements} = ${JSON.stringify(statements)}`,
    `const ${given.always} = ${JSON.stringify(always)}`,
    code,
  ].join(';\n')
}
