// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isKernelFunction } from '@pfo-workbench/kernel/kernel-name'
import { programOptions } from '@pfo-workbench/variant'
import { context, type BuildContext, type BuildFailure, type Message, type Plugin } from 'esbuild'
import { functionsIn, helpersIn } from './helpers.ts'
import { putCalls, shadowStackVariables } from './shadow-stack.ts'
import type { ModelSources } from '../sources.ts'

/** A program that plays scenarios on one variant, or why there is none. */
export type Bundle =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly faults: readonly string[] }

/** How call chains get into a program. Without the shadow stack it reads the stack of V8, with which the other is compared. */
export type CallChains = 'shadow stack' | 'stack of V8'

/**
 * Files of the player that have this in their names hold functions that stand for parts of the kernel. They are on call chains
 * as those of the models are.
 */
const kernelFiles = /\.kernel\.ts$/

/**
 * Bundles variants of the same sources. The sources lie in a folder, in which a variant's files are put for the time of its build:
 * esbuild reads a folder by itself, and reads again only what is different there.
 */
export class Bundler {
  readonly #folder: string
  readonly #entry: string
  readonly #sources: ModelSources
  readonly #chains: CallChains
  /** The files as they lie in the folder between two builds. */
  readonly #known = new Map<string, string>()
  /** The functions of the sources; found when a patch is there. */
  #functions: ReadonlySet<string> | null = null
  #context: Promise<BuildContext> | null = null

  /**
   * @param entry - text of the entry module, which exports `play(job: string): string`; it imports by absolute path
   * @param folder - an empty folder that is the bundler's own
   */
  constructor(sources: ModelSources, entry: string, folder: string, chains: CallChains = 'shadow stack') {
    this.#sources = sources
    this.#entry = entry
    this.#folder = folder
    this.#chains = chains
  }

  /**
   * Bundles the entry module with the sources of one variant. Builds are done one after the other.
   *
   * @param changed - files that differ from the sources, instrumented; null for files that are gone
   */
  async bundle(changed: ReadonlyMap<string, string | null>): Promise<Bundle> {
    const builder = await (this.#context ??= this.#start())
    for (const [path, text] of changed) this.#put(path, text === null ? null : this.#patched(path, text))
    try {
      const { outputFiles = [] } = await builder.rebuild()
      return { ok: true, text: outputFiles[0]?.text ?? '' }
    } catch (fault) {
      if (!isBuildFailure(fault)) throw fault
      return { ok: false, faults: fault.errors.map(describe) }
    } finally {
      for (const path of changed.keys()) this.#put(path, this.#known.get(path) ?? null)
    }
  }

  /** Ends what waits for the next build. */
  async dispose(): Promise<void> {
    await (await this.#context)?.dispose()
  }

  #put(path: string, text: string | null): void {
    const file = join(this.#folder, path)
    if (text === null) {
      rmSync(file, { force: true })
      return
    }
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }

  #withCalls(path: string, text: string, isCall = isKernelFunction): string {
    return this.#chains === 'shadow stack' ? putCalls(path, text, isCall) : text
  }

  /** A patched file; what the patch takes out of functions is not on call chains. */
  #patched(path: string, text: string): string {
    const known = (this.#functions ??= functionsIn(this.#sources.files))
    const helpers = helpersIn(path, text, (name) => known.has(name))
    return this.#withCalls(path, text, (name) => isKernelFunction(name) && !helpers.has(name))
  }

  async #start(): Promise<BuildContext> {
    for (const [path, text] of this.#sources.files) {
      this.#known.set(path, this.#withCalls(path, text))
      this.#put(path, this.#known.get(path) ?? null)
    }
    // What a folder above says of packages does not matter.
    writeFileSync(join(this.#folder, 'package.json'), '{ "type": "module", "sideEffects": false }\n')
    const { entries } = this.#sources
    return context({
      stdin: {
        contents: this.#entry,
        loader: 'ts',
        resolveDir: import.meta.dirname,
        sourcefile: 'entry.ts',
      },
      absWorkingDir: this.#folder,
      alias: Object.fromEntries([...entries].map(([name, path]) => [name, join(this.#folder, path)])),
      plugins: [this.#plugin()],
      ...programOptions,
      // Structs and callbacks are known by their names; esbuild renames those that occur twice.
      keepNames: true,
      banner: { js: `"use strict"; ${this.#chains === 'shadow stack' ? shadowStackVariables : ''}` },
    })
  }

  #plugin(): Plugin {
    return {
      name: 'pfo-player',
      setup: (plugin) => {
        plugin.onLoad({ filter: kernelFiles }, ({ path }) => ({
          contents: this.#withCalls(path, readFileSync(path, 'utf8')),
          loader: 'ts',
        }))
      },
    }
  }
}

function isBuildFailure(fault: unknown): fault is BuildFailure {
  return fault instanceof Error && 'errors' in fault && Array.isArray(fault.errors)
}

function describe({ text, location }: Message): string {
  return location === null ? text : `${location.file}:${String(location.line)}: ${text}`
}
