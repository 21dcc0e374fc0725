// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { markAsUsed, writeCacheFile, type KernelTree } from '@pfo-workbench/kernel-tree'
import { z } from 'zod'
import { architectureOf, factsOf, type Architecture } from './architecture.ts'
import { KbuildError } from './error.ts'
import { printAutoconf, printDotConfig } from './kconfig/dot-config.ts'
import type { Base, Values } from './kconfig/evaluate.ts'
import { createEvaluation, readKconfig } from './kconfig/kconfig.ts'
import { kbuildCodeIdentity } from './kbuild-code-identity.ts'

/** A request for a configuration. */
export interface ConfigurationRequest {
  readonly architecture: Architecture
  /**
   * Values of symbols that are not in `set`: `no` as in `allnoconfig`, `mod` as in `allmodconfig`, `default` as in
   * `olddefconfig`.
   */
  readonly base: Base
  /** Requested values, by symbol without `CONFIG_`. Dependencies may override them. */
  readonly set: ReadonlyMap<string, string>
  /** Values that override dependencies. Symbols that the tree does not define stay undefined. */
  readonly forced?: ReadonlyMap<string, string>
}

/** The values of all symbols of a tree. */
export interface Configuration {
  readonly request: ConfigurationRequest
  readonly architecture: Architecture
  /** Version of clang that the answers about the compiler assume. */
  readonly clang: number
  /** Values by symbol without `CONFIG_`. Symbols with value `n` are absent. Strings have no quotes. */
  readonly values: Values
  /** Symbols of type string. */
  readonly strings: ReadonlySet<string>
  /** Text of a `.config`; a symbol without a line is `n`. */
  readonly text: string
  /** Text of `include/generated/autoconf.h`. */
  readonly autoconf: string
  /** Requested symbols that did not get their value: the tree does not define them, or a dependency is not met. */
  readonly refused: readonly string[]
  /** Symbols whose forced value differs from the value that the Kconfig files give them. */
  readonly forced: readonly string[]
}

/** Cached result of an evaluation. */
const keptSchema = z.object({
  values: z.array(z.tuple([z.string(), z.string()])),
  strings: z.array(z.string()),
  hexes: z.array(z.string()),
  /** Symbols in `forced` that Kconfig files define. */
  forcible: z.array(z.string()),
})
type Kept = z.infer<typeof keptSchema>

function keyOf(
  tree: KernelTree,
  { architecture, base, set, forced = new Map() }: ConfigurationRequest,
  clang: number,
): string {
  // Any file without a C suffix may be a Kconfig file.
  const texts = [...tree.texts].filter(([path]) => !/\.[chS]$/.test(path)).sort()
  const parts = [
    kbuildCodeIdentity(),
    tree.id,
    tree.version.text,
    texts,
    architecture,
    base,
    [...set].sort(),
    [...forced.keys()].sort(),
    clang,
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

async function readKept(file: string): Promise<Kept | null> {
  try {
    return keptSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    // The cached result is missing or damaged. The caller computes it again.
    return null
  }
}

async function compute(tree: KernelTree, request: ConfigurationRequest, clang: number): Promise<Kept> {
  const { arch } = factsOf(request.architecture)
  const model = await readKconfig(tree, { arch, clang })
  const values = createEvaluation(tree, model, request).values()
  const ofType = (type: string): string[] =>
    [...values.keys()].filter((name) => model.symbols.get(name)?.type === type)
  const forcible = [...(request.forced ?? new Map<string, string>()).keys()].filter(
    (name) => (model.symbols.get(name)?.places.length ?? 0) > 0,
  )
  return { values: [...values], strings: ofType('string'), hexes: ofType('hex'), forcible }
}

/** Cache of configurations, and the compiler that they are for. */
export interface ConfigureOptions {
  readonly cacheFolder: string
  /** Version of clang as a number: 190107 for 19.1.7. */
  readonly clang: number
}

/**
 * Evaluates a configuration with the tree's own Kconfig files. Results are cached by content.
 *
 * @throws KbuildError `kconfig` if the files cannot be evaluated, `architecture` if the resulting configuration is not
 * for the requested architecture
 */
export async function configure(
  tree: KernelTree,
  request: ConfigurationRequest,
  { cacheFolder, clang }: ConfigureOptions,
): Promise<Configuration> {
  const file = join(cacheFolder, 'configurations', `${keyOf(tree, request, clang)}.json`)
  let kept = await readKept(file)
  if (kept !== null) await markAsUsed(file)
  else {
    kept = await compute(tree, request, clang)
    await writeCacheFile(file, JSON.stringify(kept))
  }
  const values = new Map(kept.values)
  const { forcible } = kept
  const forced = [...(request.forced ?? [])].filter(
    ([name, value]) => forcible.includes(name) && (values.get(name) ?? 'n') !== value,
  )
  for (const [name, value] of forced) {
    if (value === 'n') values.delete(name)
    else values.set(name, value)
  }
  const refused = [...request.set]
    .filter(([name, value]) => (values.get(name) ?? 'n') !== value)
    .map(([name]) => name)
  const architecture = architectureOf(values)
  if (architecture !== request.architecture)
    throw new KbuildError(
      'architecture',
      `the resulting configuration is for ${architecture}, not for ${request.architecture}: the tree lacks ${refused.map((name) => `CONFIG_${name}`).join(', ')}`,
    )
  const [strings, hexes] = [new Set(kept.strings), new Set(kept.hexes)]
  const isString = (name: string): boolean => strings.has(name)
  return {
    request,
    architecture,
    clang,
    values,
    strings,
    text: printDotConfig(values, isString),
    autoconf: printAutoconf(values, isString, (name) => hexes.has(name)),
    refused,
    forced: forced.map(([name]) => name),
  }
}
