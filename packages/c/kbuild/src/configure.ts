// SPDX-License-Identifier: GPL-2.0-only
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { KernelTree } from '@pfo-workbench/kernel-tree'
import { z } from 'zod'
import { architectureOf, factsOf, type Architecture } from './architecture.ts'
import { KbuildError } from './error.ts'
import { printAutoconf, printDotConfig } from './kconfig/dot-config.ts'
import type { Base, Values } from './kconfig/evaluate.ts'
import { evaluate, readKconfig } from './kconfig/kconfig.ts'

/** A configuration to be made. */
export interface ConfigurationRequest {
  readonly architecture: Architecture
  /** What symbols get that are not in `set`: `no` as `allnoconfig`, `mod` as `allmodconfig`, `default` as `olddefconfig`. */
  readonly base: Base
  /** What is wished for: values by symbol without `CONFIG_`. Dependencies may say no. */
  readonly set: ReadonlyMap<string, string>
  /** Values that symbols have in any case, whatever they depend on. Symbols that the tree does not define stay undefined. */
  readonly forced?: ReadonlyMap<string, string>
}

/** Values of all symbols of a tree. */
export interface Configuration {
  readonly request: ConfigurationRequest
  readonly architecture: Architecture
  /** Version of clang that the probes were answered for. */
  readonly clang: number
  /** Values by symbol without `CONFIG_`; what is `n` is missing. Strings are without quotes. */
  readonly values: Values
  /** Symbols that are strings. */
  readonly strings: ReadonlySet<string>
  /** As lines of a `.config`; a symbol without a line is `n`. */
  readonly text: string
  /** As `include/generated/autoconf.h`. */
  readonly autoconf: string
  /** Wishes that were not granted: the symbol is not there, or depends on what is not set. */
  readonly refused: readonly string[]
  /** Symbols that have a value which their dependencies would not let them have. */
  readonly forced: readonly string[]
}

/** What is kept of an evaluation. */
const keptSchema = z.object({
  values: z.array(z.tuple([z.string(), z.string()])),
  strings: z.array(z.string()),
  hexes: z.array(z.string()),
  /** Symbols to be forced that Kconfig files define. */
  forcible: z.array(z.string()),
})
type Kept = z.infer<typeof keptSchema>

/** Changes with every change of the evaluation, so that older results are not used. */
const format = 2

function keyOf(
  tree: KernelTree,
  { architecture, base, set, forced = new Map() }: ConfigurationRequest,
  clang: number,
): string {
  // Any file without a suffix of C may be one of Kconfig.
  const texts = [...tree.texts].filter(([path]) => !/\.[chS]$/.test(path)).sort()
  const parts = [
    format,
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
    // There is none, or it was damaged: it is made anew.
    return null
  }
}

async function keep(file: string, kept: Kept): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    const draft = `${file}.${randomUUID()}`
    await writeFile(draft, JSON.stringify(kept))
    await rename(draft, file)
  } catch {
    // Without room for it the next run takes a second longer.
  }
}

async function compute(tree: KernelTree, request: ConfigurationRequest, clang: number): Promise<Kept> {
  const { arch } = factsOf(request.architecture)
  const model = await readKconfig(tree, { arch, clang })
  const values = evaluate(tree, model, request).values()
  const ofType = (type: string): string[] =>
    [...values.keys()].filter((name) => model.symbols.get(name)?.type === type)
  const forcible = [...(request.forced ?? new Map<string, string>()).keys()].filter(
    (name) => (model.symbols.get(name)?.places.length ?? 0) > 0,
  )
  return { values: [...values], strings: ofType('string'), hexes: ofType('hex'), forcible }
}

/** Where configurations are kept, and for which compiler they are made. */
export interface ConfigureOptions {
  readonly cacheFolder: string
  /** Version of clang as a number: 190107 for 19.1.7. */
  readonly clang: number
}

/**
 * Makes a configuration from the tree's own Kconfig files. Results are kept by content.
 *
 * @throws KbuildError `kconfig` if the files cannot be evaluated, `architecture` if the result is for another one
 */
export async function configure(
  tree: KernelTree,
  request: ConfigurationRequest,
  { cacheFolder, clang }: ConfigureOptions,
): Promise<Configuration> {
  const file = join(cacheFolder, 'configurations', `${keyOf(tree, request, clang)}.json`)
  let kept = await readKept(file)
  if (kept === null) {
    kept = await compute(tree, request, clang)
    await keep(file, kept)
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
      `the configuration came out for ${architecture}, not for ${request.architecture}: the tree lacks ${refused.map((name) => `CONFIG_${name}`).join(', ')}`,
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
