// SPDX-License-Identifier: GPL-2.0-only
import type { Clang, Compiled } from '@pfo-workbench/clang'
import type { Build, ExplainedGuard, Explanations } from '@pfo-workbench/kbuild'
import { changedDefinitions } from '@pfo-workbench/patch'
import { newMessages } from './diagnostics.ts'

/** What became of a file that patches touch. */
export type Touched = { readonly path: string } & (
  | {
      readonly kind: 'compiled'
      /** Names of functions that differ, with whether the compiler made code of them. */
      readonly functions: readonly { readonly name: string; readonly hasCode: boolean }[]
      /** Module that it becomes a part of; null: of the kernel itself. */
      readonly module: string | null
      /** Messages of clang that the file had not before. */
      readonly messages: readonly string[]
      readonly headers: readonly string[]
    }
  | { readonly kind: 'invalid'; readonly diagnostics: string }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'not-built'; readonly guards: readonly ExplainedGuard[] }
  | { readonly kind: 'header' }
  | { readonly kind: 'removed' }
  /** Documentation, Kconfig files, makefiles: nothing to compile. */
  | { readonly kind: 'other' }
)

/** A build before and after patches. */
export interface BuildPair {
  /** Makes the build of the tree without the patches; asked for when warnings have to be told apart. */
  readonly before: () => Promise<Build>
  readonly after: Build
  /** Reads the Kconfig files; asked for when a file is not built. */
  readonly explanations: () => Promise<Explanations>
  readonly clang: Clang
}

/** Functions that clang made code of. */
const functionsIn = (ir: string): ReadonlySet<string> =>
  new Set([...ir.matchAll(/^define [^@]*@"?([\w.$]+)"?\(/gm)].map(([, name = '']) => name))

/**
 * Compiles a file that patches touch, or says why that is not done.
 *
 * @param before - its text without the patches; null if there was no file
 */
export async function compileTouched(
  path: string,
  before: string | null,
  { before: buildBefore, after, explanations, clang }: BuildPair,
): Promise<Touched> {
  const text = after.tree.texts.get(path)
  if (text === null || text === undefined) return { path, kind: 'removed' }
  if (path.endsWith('.h')) return { path, kind: 'header' }
  if (!path.endsWith('.c')) return { path, kind: 'other' }
  const placement = await after.placementOf(path)
  if (placement.status === 'not-built') {
    if (placement.guards.length === 0) return { path, kind: 'not-built', guards: [] }
    const known = await explanations()
    return { path, kind: 'not-built', guards: placement.guards.map((guard) => known.explain(guard)) }
  }
  const compiled = await clang.compile({ ...(await after.jobOf(path)), warnings: true })
  if (compiled.status === 'invalid') return { path, kind: 'invalid', diagnostics: compiled.diagnostics }
  if (compiled.status !== 'ok') return { path, kind: 'failed', reason: compiled.reason }
  const names = functionsIn(compiled.ir)
  const functions = changedDefinitions(path, before, text)
    .filter(({ change, definition }) => definition.kind === 'function' && change !== 'removed')
    .map(({ definition: { name } }) => ({ name, hasCode: names.has(name) }))
  return {
    path,
    kind: 'compiled',
    functions,
    module: placement.isModular ? placement.module : null,
    messages: await messagesOf(path, before, compiled, { buildBefore, clang }),
    headers: compiled.headers,
  }
}

async function messagesOf(
  path: string,
  before: string | null,
  compiled: Compiled,
  { buildBefore, clang }: { buildBefore: () => Promise<Build>; clang: Clang },
): Promise<readonly string[]> {
  if (compiled.diagnostics === '') return []
  if (before === null) return newMessages('', compiled.diagnostics)
  const was = await clang.compile({ ...(await (await buildBefore()).jobOf(path)), warnings: true })
  return newMessages(was.diagnostics, compiled.diagnostics)
}
