// SPDX-License-Identifier: GPL-2.0-only
import type { Clang, Compiled } from '@pfo-workbench/clang'
import type { ConfiguredTree, ExplainedGuard, Explanations } from '@pfo-workbench/kbuild'
import { changedDefinitions } from '@pfo-workbench/patch'
import { newMessages } from './diagnostics.ts'

/** Build result of one file that the patches touch. */
export type Touched = { readonly path: string } & (
  | {
      readonly kind: 'compiled'
      /** Changed functions. `hasCode`: the compiler generated code for the function. */
      readonly functions: readonly { readonly name: string; readonly hasCode: boolean }[]
      /** Module that the file belongs to; null if it is built in. */
      readonly module: string | null
      /** New messages of clang. */
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

/** The builds before and after the patches. */
export interface BuildPair {
  /** Creates the build of the unpatched tree. Needed only to separate new warnings from old ones. */
  readonly before: () => Promise<ConfiguredTree>
  readonly after: ConfiguredTree
  /** Reads the Kconfig files. Needed only if a file is not built. */
  readonly explanations: () => Promise<Explanations>
  readonly clang: Clang
}

/** Functions that clang generated code for. */
const functionsIn = (ir: string): ReadonlySet<string> =>
  new Set([...ir.matchAll(/^define [^@]*@"?([\w.$]+)"?\(/gm)].map(([, name = '']) => name))

/**
 * Compiles a file that the patches touch, or says why it is not compiled.
 *
 * @param before - text of the file without the patches; null if it did not exist
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
  { buildBefore, clang }: { buildBefore: () => Promise<ConfiguredTree>; clang: Clang },
): Promise<readonly string[]> {
  if (compiled.diagnostics === '') return []
  if (before === null) return newMessages('', compiled.diagnostics)
  const was = await clang.compile({ ...(await (await buildBefore()).jobOf(path)), warnings: true })
  return newMessages(was.diagnostics, compiled.diagnostics)
}
