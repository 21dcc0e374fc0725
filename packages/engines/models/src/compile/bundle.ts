// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises'
import { isKernelFunction } from '@pfo-workbench/kernel/kernel-name'
import { programName, type SourceFiles } from '@pfo-workbench/variant'
import { build, type BuildFailure, type Message, type Plugin } from 'esbuild'
import { resolveModel } from './policy.ts'
import { putCalls, type IsCall, shadowStackVariables } from './shadow-stack.ts'
import type { ModelSources } from '../sources.ts'

/** A program that plays scenarios on one variant, or why there is none. */
export type Bundle =
  | { readonly ok: true; readonly text: string; readonly loaded: ReadonlySet<string> }
  | { readonly ok: false; readonly faults: readonly string[] }

const namespace = 'model'

/** Outside the models a name of a single word is seldom one of the kernel. */
const isKernelLike = (name: string): boolean => name.includes('_') && isKernelFunction(name)

/** Puts the shadow stack into files: into those that all variants have in common once. */
export class StackedFiles {
  readonly #common: SourceFiles
  readonly #known = new Map<string, string>()

  /** @param common - the unpatched sources of the models */
  constructor(common: SourceFiles) {
    this.#common = common
  }

  /** A file of the models. */
  model(path: string, text: string): string {
    if (this.#common.get(path) !== text) return putCalls(path, text, isKernelFunction)
    return this.#once(path, text, isKernelFunction)
  }

  /** A file of the program that plays on the models. It does not change. */
  async engine(path: string): Promise<string> {
    return this.#known.get(path) ?? this.#once(path, await readFile(path, 'utf8'), isKernelLike)
  }

  #once(path: string, text: string, isCall: IsCall): string {
    const stacked = this.#known.get(path) ?? putCalls(path, text, isCall)
    this.#known.set(path, stacked)
    return stacked
  }
}

/** Answers for the model packages out of the variant's sources. Model code gets nothing else, from nowhere. */
function modelPlugin(
  files: SourceFiles,
  entries: ModelSources['entries'],
  stacked: StackedFiles | null,
): Plugin {
  return {
    name: 'pfo-models',
    setup(plugin) {
      plugin.onResolve({ filter: /.*/ }, ({ path, importer, namespace: from, kind }) => {
        const inModel = from === namespace
        const target = inModel ? resolveModel(path, importer, entries) : (entries.get(path) ?? null)
        if (!inModel && target === null) return undefined
        if (target === null || !files.has(target) || kind !== 'import-statement') {
          return { errors: [{ text: `model code cannot load '${path}'` }] }
        }
        return { path: target, namespace, sideEffects: false }
      })
      plugin.onLoad({ filter: /.*/, namespace }, ({ path }) => ({
        contents: stacked?.model(path, files.get(path) ?? '') ?? files.get(path) ?? '',
        loader: 'ts',
      }))
      if (stacked === null) return
      plugin.onLoad({ filter: /\.ts$/, namespace: 'file' }, async ({ path }) => ({
        contents: await stacked.engine(path),
        loader: 'ts',
      }))
    },
  }
}

/**
 * Bundles an entry module with the sources of one variant.
 *
 * @param entry - text of the entry module, which exports `play(job: string): string`; it imports by absolute path
 * @param files - all sources of the variant, instrumented where they changed
 * @param stacked - puts the shadow stack in; null for a program that reads the stack of V8, with which the other is compared
 */
export async function bundle(
  entry: string,
  files: SourceFiles,
  entries: ModelSources['entries'],
  stacked: StackedFiles | null,
): Promise<Bundle> {
  try {
    const result = await build({
      stdin: { contents: entry, loader: 'ts', resolveDir: import.meta.dirname, sourcefile: 'entry.ts' },
      absWorkingDir: import.meta.dirname,
      plugins: [modelPlugin(files, entries, stacked)],
      conditions: ['@pfo-workbench/source'],
      write: false,
      bundle: true,
      metafile: true,
      format: 'iife',
      globalName: programName,
      platform: 'neutral',
      target: 'es2022',
      // Function names are kernel names and make the call chains; esbuild renames those that occur twice.
      keepNames: true,
      charset: 'utf8',
      // Comments would name folders of this machine.
      minifyWhitespace: true,
      legalComments: 'none',
      treeShaking: true,
      sourcemap: false,
      logLevel: 'silent',
      supported: { 'dynamic-import': false },
      banner: { js: `"use strict"; ${stacked === null ? '' : shadowStackVariables}` },
      tsconfigRaw: {
        compilerOptions: { target: 'es2022', useDefineForClassFields: true, verbatimModuleSyntax: true },
      },
    })
    const prefix = `${namespace}:`
    const loaded = Object.values(result.metafile.outputs)
      .flatMap((output) => Object.keys(output.inputs))
      .filter((input) => input.startsWith(prefix))
    return {
      ok: true,
      text: result.outputFiles[0]?.text ?? '',
      loaded: new Set(loaded.map((path) => path.slice(prefix.length))),
    }
  } catch (fault) {
    if (!isBuildFailure(fault)) throw fault
    return { ok: false, faults: fault.errors.map(describe) }
  }
}

function isBuildFailure(fault: unknown): fault is BuildFailure {
  return fault instanceof Error && 'errors' in fault && Array.isArray(fault.errors)
}

function describe({ text, location }: Message): string {
  if (location === null) return text
  return `${location.file.replace(`${namespace}:`, '')}:${String(location.line)}: ${text}`
}
