// SPDX-License-Identifier: GPL-2.0-only
import { Clang, findClang, type Compiler } from '@pfo-workbench/clang'
import { stackOfPatches, type Stack } from '@pfo-workbench/compare'
import { CEngine } from '@pfo-workbench/engine-c'
import { kernelPaths, parseSeries, type PatchSeries } from '@pfo-workbench/patch'
import { standardInput } from '@pfo-workbench/patch/files'
import type { Engine } from '@pfo-workbench/run'
import { prepareSandbox } from '@pfo-workbench/variant'
import { Progress } from '../progress.ts'
import { readOnce } from '../read-once.ts'
import { idsOfArguments, inputsOfArguments } from '../variants.ts'
import { requestOf } from './configure-tree.ts'
import type { KernelOptions } from './kernel-options.ts'
import { kernelCacheFolder, openTree, type OpenedTree } from './open-tree.ts'
import { patchFor } from './port-command.ts'

/**
 * Parses the patch files among the arguments. Their `base-commit:` decides which commit of the tree is used.
 *
 * @throws PatchError if a file is not a patch; UsageError for the address of a page
 */
async function seriesOf(patchArguments: readonly string[]): Promise<PatchSeries[]> {
  const all: PatchSeries[] = []
  for (const input of await inputsOfArguments(patchArguments)) {
    const source = input === standardInput ? 'stdin' : input
    all.push(parseSeries(await readOnce(input), { source, paths: kernelPaths }))
  }
  return all
}

/** Options that the C engine needs. */
export interface CEngineArguments extends KernelOptions {
  readonly kernel: string
  /** Each patch of a series is a variant of its own. */
  readonly each?: boolean
}

/**
 * The stack of the arguments, if they name exactly one stack that consists of one input. Otherwise undefined: ids of
 * shipped patches, for example, can be resolved only with an engine.
 */
function firstStack(
  { each = false }: CEngineArguments,
  patchArguments: readonly string[],
  [series, ...others]: readonly PatchSeries[],
): Stack | undefined {
  const isOnlyOne = others.length === 0 && idsOfArguments(patchArguments).length === 0
  if (series === undefined || !isOnlyOne || (each && series.patches.length > 1)) return undefined
  return stackOfPatches([{ id: series.source, series }])
}

/**
 * Runs `work` with the C engine on a kernel tree. Prints notes about the tree to stderr.
 *
 * @param patchArguments - arguments of the command line, including patch files
 * @throws UsageError, PatchError, KernelTreeError, KbuildError, ClangError, KernelBuildError
 */
export async function withCEngine<T>(
  options: CEngineArguments,
  patchArguments: readonly string[],
  work: (engine: Engine<PatchSeries>) => Promise<T>,
): Promise<T> {
  const series = await seriesOf(patchArguments)
  const progress = new Progress(process.stderr, process.env, 'files')
  const folder = kernelCacheFolder()
  progress.show({ variant: options.kernel, doing: 'reading the tree', done: 0, total: 0 })
  try {
    const opening = findAndOpen(options, series, folder)
    prepareSandbox()
    const { compiler, tree, notes } = await opening
    const clang = new Clang(compiler)
    try {
      for (const note of notes) progress.say(note)
      // Throws for a proposal that does not fit the tree, before time is spent on compiling the kernel.
      for (const id of idsOfArguments(patchArguments)) await patchFor(id, tree)
      await using engine = await CEngine.create({
        tree,
        clang,
        cacheFolder: folder,
        request: requestOf(options.config),
        revert: options.revert ?? false,
        first: firstStack(options, patchArguments, series),
        onProgress: (doing, done, total) => {
          progress.show({ variant: tree.title, doing, done, total })
        },
      })
      progress.clear()
      return await work(engine)
    } finally {
      await clang.dispose().finally(async () => tree.dispose())
    }
  } finally {
    progress.clear()
  }
}

/** Finds the compiler while the tree is opened. If both fail, the missing compiler is reported. */
async function findAndOpen(
  options: CEngineArguments,
  series: readonly PatchSeries[],
  folder: string,
): Promise<OpenedTree & { readonly compiler: Compiler }> {
  const [found, opened] = await Promise.allSettled([
    findClang({ named: options.clang, env: process.env }),
    openTree(options.kernel, series, folder),
  ])
  if (opened.status === 'fulfilled' && found.status === 'fulfilled')
    return { ...opened.value, compiler: found.value }
  if (opened.status === 'fulfilled') await opened.value.tree.dispose()
  throw (found.status === 'rejected' ? found : (opened as PromiseRejectedResult)).reason
}
