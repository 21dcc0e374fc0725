// SPDX-License-Identifier: GPL-2.0-only
import { LinkError, type Image } from '@pfo-workbench/image'
import { Explanations, KbuildError, type Placement } from '@pfo-workbench/kbuild'
import { readText, type KernelTree } from '@pfo-workbench/kernel-tree'
import type { ObjectFile } from '@pfo-workbench/object'
import { closureOf } from '../build/closure.ts'
import { compileKernel, objectsOf, type CompiledKernel } from '../build/compile-kernel.ts'
import {
  configureKernel,
  type UnpatchedKernel,
  type ConfiguredKernel,
  type KernelBuildOptions,
} from '../build/kernel.ts'
import { linkKernel } from '../build/link-kernel.ts'
import { branchesOf, takenBranches, withMarkers, type Preprocessed } from '../exercise/conditionals.ts'
import { statementCoverageOf, type StatementCoverage } from '../exercise/statements.ts'
import { sourcesOf, type PatchedKernel } from './apply.ts'
import { compileReason } from './diagnostics.ts'
import type { EarlyBuild } from './early-build.ts'

/** The runnable kernel of a patched tree, or the reason why there is none. */
export type KernelBuildResult =
  | { readonly status: 'ok'; readonly image: Image; readonly coverage: StatementCoverage }
  | { readonly status: 'invalid' | 'timeout' | 'crashed'; readonly reason: string }

/**
 * Compiles the files that patches changed, and links them with the unchanged objects.
 *
 * @param early - the same patched kernel, if its build has begun
 */
export async function buildVariant(
  patched: PatchedKernel,
  unpatched: UnpatchedKernel,
  makings: KernelBuildOptions,
  early: EarlyBuild | null = null,
): Promise<KernelBuildResult> {
  const configured = early?.configured ?? (await configurePatched(patched, makings))
  if ('reason' in configured) return configured
  const { configuredTree } = configured
  const sources = sourcesOf(patched.changed)
  const placements = new Map<string, Placement>()
  for (const path of sources) placements.set(path, await configuredTree.placementOf(path))
  const isBuilt = (path: string): boolean => placements.get(path)?.status === 'built'
  const closure = new Set(await closureOf(configuredTree.tree))
  const more = patched.added.filter((path) => isBuilt(path))
  const runs = (path: string): boolean => closure.has(path) || more.includes(path)
  const kernel = await compileKernel(configuredTree, {
    clang: makings.clang,
    cacheFolder: makings.cacheFolder,
    signal: makings.signal,
    base: unpatched,
    failed: (await early?.ended) ?? [],
    more,
    checked: sources.filter((path) => isBuilt(path) && !runs(path)),
    isInstrumented: (file, headers) =>
      patched.changed.has(file) || headers.some((header) => patched.changed.has(header)),
  })
  const [fault] = kernel.failed
  if (fault !== undefined) return { status: fault.status, reason: compileReason(kernel.failed) }
  const objects = objectsOf(kernel)
  let image: Image
  try {
    image = linkKernel(objects)
  } catch (error) {
    if (!(error instanceof LinkError)) throw error
    return { status: 'invalid', reason: `the patched kernel cannot be linked: ${error.message}` }
  }
  const reasons = await reasonsWhyNot(patched, { placements, runs, configured, kernel })
  const coverage = statementCoverageOf({
    edits: patched.edits,
    changed: patched.changed,
    objects: objects.filter(({ coveragePoints }) => coveragePoints.length > 0),
    coveragePoints: image.coveragePoints,
    texts: await textsOf(configuredTree.tree, objects),
    hasVariable: (file, name) =>
      image.symbols.some((one) => one.kind === 'data' && one.name === name && one.file === file),
    preprocessed: await preprocess(patched, kernel, configured, makings),
    whyNot: (file) => reasons.get(file) ?? null,
  })
  return { status: 'ok', image, coverage }
}

/** Texts of the files that have coverage points. */
async function textsOf(
  tree: KernelTree,
  objects: readonly ObjectFile[],
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  for (const { file, coveragePoints } of objects) {
    if (coveragePoints.length > 0) texts.set(file, (await readText(tree, file)) ?? '')
  }
  return texts
}

async function configurePatched(
  { tree }: PatchedKernel,
  makings: KernelBuildOptions,
): Promise<ConfiguredKernel | { readonly status: 'invalid' | 'crashed'; readonly reason: string }> {
  try {
    return await configureKernel(tree, makings)
  } catch (fault) {
    if (!(fault instanceof KbuildError)) throw fault
    const status = fault.isTransient ? 'crashed' : 'invalid'
    return { status, reason: `the patched tree cannot be configured: ${fault.message}` }
  }
}

/** For changed files with conditionals around changed lines, the branches that the preprocessor takes. */
async function preprocess(
  { edits, changed }: PatchedKernel,
  kernel: CompiledKernel,
  { configuredTree }: ConfiguredKernel,
  { clang, signal }: KernelBuildOptions,
): Promise<ReadonlyMap<string, Preprocessed>> {
  const found = new Map<string, Preprocessed>()
  await Promise.all(
    edits.map(async ({ path, edits: own }) => {
      const text = changed.get(path) ?? ''
      const isConditional = branchesOf(text).some(({ first, last }) =>
        own.some(({ line, added }) => first < line + Math.max(added, 1) && line <= last),
      )
      const file = isConditional ? readerOf(path, kernel) : undefined
      if (file === undefined) return
      const job = await configuredTree.jobOf(file)
      const texts = new Map([...job.texts, [path, withMarkers(text)]])
      const result = await clang.preprocess({ ...job, texts, warnings: false }, signal)
      if (result !== null) found.set(path, { file, taken: takenBranches(result) })
    }),
  )
  return found
}

/** A file that runs and whose compilation reads the given file: the file itself, or the first one that includes it. */
function readerOf(path: string, { files }: CompiledKernel): string | undefined {
  if (files.has(path)) return path
  return [...files.values()].find(({ headers }) => headers.includes(path))?.object.file
}

interface WhyNotOptions {
  readonly placements: ReadonlyMap<string, Placement>
  readonly runs: (path: string) => boolean
  readonly configured: ConfiguredKernel
  readonly kernel: CompiledKernel
}

/** Returns the reasons why changed files do not run, by path. */
async function reasonsWhyNot(
  { changed }: PatchedKernel,
  { placements, runs, configured, kernel }: WhyNotOptions,
): Promise<ReadonlyMap<string, string>> {
  const reasons = new Map<string, string>()
  let explanations: Explanations | null = null
  for (const [path, text] of changed) {
    if (text === null || !/\.[ch]$/.test(path) || readerOf(path, kernel) !== undefined) continue
    const placement = placements.get(path)
    if (placement === undefined) {
      reasons.set(path, 'no file that the scenarios run includes it')
      continue
    }
    if (placement.status === 'not-built') {
      const [guard] = placement.guards
      if (guard === undefined) reasons.set(path, 'not built: no makefile names the file')
      else {
        explanations ??= await Explanations.of(configured.configuredTree.tree, configured.configuration)
        const { symbol, place, unmet } = explanations.explain(guard)
        const needs = unmet === null ? '' : `; it needs ${unmet}`
        reasons.set(path, `not built: CONFIG_${symbol} is not set (${place})${needs}`)
      }
    } else if (!runs(path)) reasons.set(path, 'the file is not among those that the scenarios run')
  }
  return reasons
}
