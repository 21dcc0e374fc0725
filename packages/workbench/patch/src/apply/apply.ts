// SPDX-License-Identifier: GPL-2.0-only
import type { FileChange } from '../diff/diff.ts'
import type { Patch } from '../series.ts'
import { applyPlaced, placeHunks, type PlacedHunks } from './apply-file.ts'
import { FileVersions, type MergeOptions } from './merging.ts'
import { ComparisonBudget } from './place-hunk.ts'
import type { ChangedFiles, FileResult, HunkResult, PatchResult } from './result.ts'

/** Reads a file of the tree to patch; returns null if it does not exist. Never writes. */
export type ReadFile = (path: string) => Promise<string | null>

/** The tree to patch. */
export interface ApplyOptions {
  readonly read: ReadFile
  /** Without it, nothing is merged. */
  readonly merging?: MergeOptions
}

/** The files of one patch during application: their original texts, and the changes so far. */
class Tree {
  readonly #read: ReadFile
  readonly #before = new Map<string, string | null>()
  readonly changed = new Map<string, string | null>()

  constructor(read: ReadFile) {
    this.#read = read
  }

  /** Returns a file as it was before the patch. */
  async before(path: string): Promise<string | null> {
    const known = this.#before.get(path)
    if (known !== undefined) return known
    const text = await this.#read(path)
    this.#before.set(path, text)
    return text
  }

  /** Returns a file with the changes so far. */
  async now(path: string): Promise<string | null> {
    const text = this.changed.get(path)
    return text === undefined ? this.before(path) : text
  }
}

/** A processed file: its result, and its new text if it changed. */
interface Done {
  readonly result: FileResult
  readonly after?: string | null
}

/**
 * Applies a patch to a tree, strictly: all context lines must match, at the stated line or elsewhere in the same
 * function, without fuzz. Files that do not apply are merged if `merging` allows it. Nothing is written: the result
 * contains the changed texts, but only if all files apply.
 */
export async function applyPatch(
  patch: Pick<Patch, 'files'>,
  { read, merging }: ApplyOptions,
): Promise<PatchResult> {
  return applyOne(patch, read, merging === undefined ? null : new FileVersions(merging))
}

async function applyOne(
  { files }: Pick<Patch, 'files'>,
  read: ReadFile,
  versions: FileVersions | null,
): Promise<PatchResult> {
  const tree = new Tree(read)
  const budget = new ComparisonBudget()
  const leaving = new Set(files.filter(leavesOldPath).map(({ oldPath }) => oldPath))
  /** Changes that the file already has, as a merge showed. */
  const confirmed = new Set<FileChange>()
  const results: FileResult[] = []
  for (const change of files) {
    let done = await applyFile(change, tree, leaving, budget)
    if (versions !== null) {
      const now = await tree.now(change.path)
      if (now !== null) versions.add(change.path, now)
      const merged = done.after === undefined ? await mergeFile(change, tree, versions, done.result) : null
      if (merged?.result.state === 'already-in') confirmed.add(change)
      done = merged ?? done
      if (typeof done.after === 'string') versions.add(change.path, done.after)
    }
    results.push(done.result)
    if (done.after === undefined) continue
    if (leavesOldPath(change) && change.oldPath !== null && !tree.changed.has(change.oldPath)) {
      tree.changed.set(change.oldPath, null)
    }
    tree.changed.set(change.path, done.after)
  }
  return patchResult(results, tree.changed, confirmed)
}

const leavesOldPath = ({ kind }: FileChange): boolean => kind === 'rename' || kind === 'delete'

function patchResult(
  files: readonly FileResult[],
  changed: ChangedFiles,
  confirmed: ReadonlySet<FileChange>,
): PatchResult {
  const states = new Set(files.map(({ state }) => state))
  const has = (...some: readonly FileResult['state'][]): boolean => some.some((state) => states.has(state))
  if (has('conflict', 'missing', 'exists', 'not-empty')) return { state: 'conflict', files }
  if (has('elsewhere')) return { state: 'elsewhere', files }
  if (!has('applied', 'merged', 'partly-in')) return { state: 'already-applied', files }
  const isPartlyIn = files.some(({ state, change }) => state === 'already-in' && !confirmed.has(change))
  if (isPartlyIn || has('partly-in')) return { state: 'partly-in', files }
  return { state: 'applied', files, changed }
}

async function applyFile(
  change: FileChange,
  tree: Tree,
  leaving: ReadonlySet<string | null>,
  budget: ComparisonBudget,
): Promise<Done> {
  const { kind, path, oldPath } = change
  const reordered = kind === 'rename' || kind === 'copy'
  const before = oldPath === null ? null : await (reordered ? tree.before(oldPath) : tree.now(oldPath))
  const target = await tree.now(path)
  const isNew = kind === 'create' || (reordered && path !== oldPath)
  const taken = isNew && target !== null && !leaving.has(path)
  if (oldPath !== null && before === null) {
    return { result: isIn(change, target, budget) ?? { state: 'missing', change } }
  }
  if (taken && kind === 'create')
    return { result: isIn(change, target, budget) ?? { state: 'exists', change } }
  if (!taken) return applyText(change, before ?? '', budget)
  const made = applyText(change, before ?? '', budget)
  const isCopied = kind === 'copy' && made.after === target
  return { result: isCopied ? { state: 'already-in', change, hunks: [] } : { state: 'exists', change } }
}

/**
 * Checks whether a change was already made, for a change whose old file is missing or whose new file exists. Null if it
 * was not.
 */
function isIn(change: FileChange, target: string | null, budget: ComparisonBudget): FileResult | null {
  if (change.kind === 'delete') return { state: 'already-in', change, hunks: [] }
  if (target === null || change.kind === 'modify') return null
  if (change.kind === 'create' && change.hunks.length === 0 && target !== '') return null
  const placed = placeHunks(change, target, 'new', budget)
  return placed.fits ? { state: 'already-in', change, hunks: placed.results } : null
}

function applyText(change: FileChange, text: string, budget: ComparisonBudget): Done {
  const forward = placeHunks(change, text, 'old', budget)
  const applied = (): Done => {
    const after = applyPlaced(change, text, forward.results)
    if (change.kind !== 'delete')
      return { result: { state: 'applied', change, hunks: forward.results }, after }
    if (after !== '') return { result: { state: 'not-empty', change } }
    return { result: { state: 'applied', change, hunks: forward.results }, after: null }
  }
  if (forward.fits && !forward.moved) return applied()
  const backward = change.hunks.length === 0 ? null : placeHunks(change, text, 'new', budget)
  if (backward?.fits === true) {
    return { result: { state: 'already-in', change, hunks: backward.results } }
  }
  return forward.fits ? applied() : { result: refused(change, forward, backward) }
}

function refused(change: FileChange, forward: PlacedHunks, backward: PlacedHunks | null): FileResult {
  // "Already applied" is a better explanation of a hunk than "does not fit".
  const hunks = forward.results.map((result, index): HunkResult => {
    const before = backward?.results[index]
    if (result.state !== 'applied' && before?.state === 'already-in') return before
    return result.state === 'conflict' && before?.state === 'elsewhere'
      ? { ...result, alreadyAt: before.places }
      : result
  })
  const has = (wanted: HunkResult['state']): boolean => hunks.some(({ state }) => state === wanted)
  const state = has('conflict') ? 'conflict' : has('elsewhere') ? 'elsewhere' : 'partly-in'
  return { state, change, hunks }
}

/** Merges a file to which the patch does not apply; returns null if it cannot be merged without conflict. */
async function mergeFile(
  change: FileChange,
  tree: Tree,
  versions: FileVersions,
  result: FileResult,
): Promise<Done | null> {
  const { kind, path, oldBlob } = change
  if (kind !== 'modify' || oldBlob === null) return null
  const [ours, base] = [await tree.now(path), await versions.find(path, oldBlob)]
  if (ours === null || base === null) return null
  const placed = placeHunks(change, base, 'old', new ComparisonBudget())
  if (!placed.fits || placed.moved) return null
  const theirs = applyPlaced(change, base, placed.results)
  const merged = await versions.merge({ path, ours, base, theirs })
  if (merged === null) return null
  const hunks = 'hunks' in result ? result.hunks : []
  if (merged === ours) return { result: { state: 'already-in', change, hunks } }
  return { result: { state: 'merged', change, hunks }, after: merged }
}

/** Result of a stack of patches. */
export interface StackResult {
  /**
   * `applied` if a patch changed something, `already-applied` if none did, otherwise the state of the patch that does
   * not apply.
   */
  readonly state: PatchResult['state']
  /** One result per patch, up to the first that does not apply. */
  readonly patches: readonly PatchResult[]
  /**
   * The files that all applied patches changed together. If the whole stack applies, without those that ended up
   * unchanged.
   */
  readonly changed: ChangedFiles
}

/** Applies patches in order, up to the first that does not apply. Skips patches that are already applied. */
export async function applyStack(
  patches: readonly Pick<Patch, 'files'>[],
  { read, merging }: ApplyOptions,
): Promise<StackResult> {
  const versions = merging === undefined ? null : new FileVersions(merging)
  const changed = new Map<string, string | null>()
  const results: PatchResult[] = []
  for (const patch of patches) {
    const readPatched: ReadFile = async (path) => {
      const text = changed.get(path)
      return text === undefined ? read(path) : text
    }
    const result = await applyOne(patch, readPatched, versions)
    results.push(result)
    if (result.state !== 'applied' && result.state !== 'already-applied') {
      return { state: result.state, patches: results, changed }
    }
    if (result.state === 'applied') for (const [path, text] of result.changed) changed.set(path, text)
  }
  for (const [path, text] of [...changed]) if (text === (await read(path))) changed.delete(path)
  const isApplied = results.some(({ state }) => state === 'applied')
  return { state: isApplied ? 'applied' : 'already-applied', patches: results, changed }
}
