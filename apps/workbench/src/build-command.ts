// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { Clang, findClang } from '@pfo-workbench/clang'
import { messageOf } from '@pfo-workbench/errors'
import { Explanations, type ConfiguredTree } from '@pfo-workbench/kbuild'
import type { KernelTree } from '@pfo-workbench/kernel-tree'
import { kernelPaths, parseSeries, PatchError, type PatchSeries } from '@pfo-workbench/patch'
import { printable, printableLines } from '@pfo-workbench/wording'
import { applyToTree, type Applied } from './kernel/apply-to-tree.ts'
import { touchedFilesText } from './kernel/build-text.ts'
import { buildOf, configureTree } from './kernel/configure-tree.ts'
import { kernelCacheFolder, openTree } from './kernel/open-tree.ts'
import { compileTouched, type BuildPair, type Touched } from './kernel/compile-touched.ts'
import { print } from './output.ts'
import { Progress } from './progress.ts'

/** Exit code if a patch does not apply or a file does not compile. */
const exitFailed = 1

export interface BuildArguments {
  readonly kernel: string
  readonly patches: readonly string[]
  readonly config?: string
  readonly clang?: string
  readonly jobs?: number
  readonly revert?: boolean
}

function readPatches(source: string): PatchSeries {
  try {
    const input = readFileSync(source === '-' ? 0 : source)
    return parseSeries(input, { source: source === '-' ? 'stdin' : source, paths: kernelPaths })
  } catch (fault) {
    if (fault instanceof PatchError) throw fault
    throw new PatchError('unreadable', source, `${source} cannot be read: ${messageOf(fault)}`, [])
  }
}

/** Describes the tree, the configuration and the compiler of the build. */
function headText(configured: ConfiguredTree, clang: Clang): string {
  const { version } = clang.compiler
  const compiler = `clang ${String(Math.floor(version / 10_000))}.${String(Math.floor(version / 100) % 100)}.${String(version % 100)}`
  const { architecture, values, forced } = configured.configuration
  const notes = forced.map((name) => `note: CONFIG_${name} is forced, although its dependencies are not met`)
  const head = `${configured.tree.title}, ${architecture}, ${String(values.size)} symbols set, ${compiler}`
  return printableLines(`${[head, ...notes].join('\n')}\n`)
}

/** Returns a function that calls `make` once and shares the result. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return async () => (made ??= make())
}

/**
 * `pfo build`: applies patches to a kernel tree, configures it, compiles the files that the patches touch, and prints
 * the results.
 *
 * @returns the exit code: 1 if a patch does not apply or a file does not compile, otherwise 0. Files that the
 * configuration does not build do not count as failures.
 */
export async function buildCommand(args: BuildArguments): Promise<number> {
  const series = args.patches.map(readPatches)
  const clang = new Clang(await findClang({ named: args.clang, env: process.env }), {
    ...(args.jobs === undefined ? {} : { jobs: args.jobs }),
  })
  const progress = new Progress(process.stderr, process.env, 'files')
  try {
    const cache = kernelCacheFolder()
    progress.show({ variant: args.kernel, doing: 'reading the tree', done: 0, total: 0 })
    const { tree, notes } = await openTree(args.kernel, series, cache)
    try {
      for (const note of notes) progress.say(note)
      const applied = await applyToTree(tree, series, args.revert ?? false)
      if (applied.status === 'not-applied') {
        progress.clear()
        await print(`${printable(tree.title)}\n${printableLines(applied.reason)}\n`)
        return exitFailed
      }
      return await compileAll(applied, { args, base: tree, clang, cache, progress })
    } finally {
      await tree.dispose()
    }
  } finally {
    progress.clear()
    await clang.dispose()
  }
}

interface Work {
  readonly args: BuildArguments
  /** The tree without the patches. */
  readonly base: KernelTree
  readonly clang: Clang
  readonly cache: string
  readonly progress: Progress
}

async function compileAll(
  { tree, before }: Applied & { status: 'applied' },
  { args, base, clang, cache, progress }: Work,
): Promise<number> {
  const paths = [...before.keys()].sort()
  const files = paths.filter((path) => path.endsWith('.c') && tree.texts.get(path) != null)
  progress.show({ variant: args.kernel, doing: 'configuring', done: 0, total: files.length })
  const configuration = await configureTree(tree, { config: args.config, files, cacheFolder: cache }, clang)
  const configured = await buildOf(tree, configuration, clang, cache)
  const pair: BuildPair = {
    before: once(async () => buildOf(base, configuration, clang, cache)),
    after: configured,
    explanations: once(async () => Explanations.of(tree, configuration)),
    clang,
  }
  progress.show({ variant: args.kernel, doing: null, done: 0, total: files.length })
  let done = 0
  const all: Touched[] = await Promise.all(
    paths.map(async (path) => {
      progress.show({ variant: path, doing: 'compiling', done, total: files.length })
      const touched = await compileTouched(path, before.get(path) ?? null, pair)
      if (files.includes(path)) done++
      progress.show({ variant: path, doing: null, done, total: files.length })
      return touched
    }),
  )
  progress.clear()
  await print(headText(configured, clang) + touchedFilesText(all))
  return all.some(({ kind }) => kind === 'invalid' || kind === 'failed') ? exitFailed : 0
}
