// SPDX-License-Identifier: GPL-2.0-only
import { build, type BuildFailure, type Message, type Plugin } from 'esbuild'
import { programName } from '@pfo-workbench/variant'
import { resolveModel } from './policy.ts'
import type { SourceFiles } from '@pfo-workbench/variant'
import type { ModelSources } from '../sources.ts'

/** A program that plays scenarios on one variant, or why there is none. */
export type Bundle =
  | { readonly ok: true; readonly text: string; readonly loaded: ReadonlySet<string> }
  | { readonly ok: false; readonly faults: readonly string[] }

const namespace = 'model'

/** Answers for the model packages out of the variant's sources. Model code gets nothing else, from nowhere. */
function modelPlugin(files: SourceFiles, entries: ModelSources['entries']): Plugin {
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
        contents: files.get(path) ?? '',
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
 */
export async function bundle(
  entry: string,
  files: SourceFiles,
  entries: ModelSources['entries'],
): Promise<Bundle> {
  try {
    const result = await build({
      stdin: { contents: entry, loader: 'ts', resolveDir: import.meta.dirname, sourcefile: 'entry.ts' },
      absWorkingDir: import.meta.dirname,
      plugins: [modelPlugin(files, entries)],
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
      treeShaking: true,
      sourcemap: false,
      logLevel: 'silent',
      supported: { 'dynamic-import': false },
      banner: { js: '"use strict";' },
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
