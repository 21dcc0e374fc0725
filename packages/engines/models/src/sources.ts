// SPDX-License-Identifier: GPL-2.0-only
import { readdir, readFile } from 'node:fs/promises'
import { basename, join, posix } from 'node:path'
import { messageOf } from '@pfo-workbench/errors'
import {
  findPackages,
  sorted,
  VariantError,
  type InstalledPackage,
  type SourceFiles,
} from '@pfo-workbench/variant'
import { modelFolder } from './paths.ts'

/** Packages that a patch may change. */
const models = ['kernel', 'of', 'powervm', 'pseries', 'vio', 'nx-842', 'nx-crypto', 'pseries-rng']

/** File of a model package that only tests use. No variant contains it. */
const helpersOfTests = 'testing.ts'

/** The installed model packages, which variants are built from. */
export function modelPackages(): InstalledPackage[] {
  return findPackages(
    models.map((name) => `@pfo-workbench/${name}`),
    import.meta.dirname,
  )
}

/** The unpatched sources of all models. */
export interface ModelSources {
  readonly files: SourceFiles
  /** Path of the entry module by npm package name. */
  readonly entries: ReadonlyMap<string, string>
}

/**
 * Reads the sources of model packages.
 *
 * @throws VariantError `sources` if a package has no readable `src/index.ts`
 */
export async function readModelSources(packages: readonly InstalledPackage[]): Promise<ModelSources> {
  const files = new Map<string, string>()
  const entries = new Map<string, string>()
  for (const { name, dir } of packages) {
    const root = `${modelFolder}/${basename(dir)}/src`
    try {
      await readTree(join(dir, 'src'), root, files)
      files.delete(`${root}/${helpersOfTests}`)
    } catch (fault) {
      throw new VariantError('sources', `the sources of ${name} cannot be read: ${messageOf(fault)}`, {
        cause: fault,
      })
    }
    const entry = `${root}/index.ts`
    if (!files.has(entry)) throw new VariantError('sources', `${name} has no src/index.ts in ${dir}.`)
    entries.set(name, entry)
  }
  return { files: sorted(files), entries }
}

async function readTree(folder: string, path: string, files: Map<string, string>): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const child = posix.join(path, entry.name)
    if (entry.isDirectory()) await readTree(join(folder, entry.name), child, files)
    else if (entry.isFile() && entry.name.endsWith('.ts'))
      files.set(child, await readFile(join(folder, entry.name), 'utf8'))
  }
}
