// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isKernelFunction } from '@pfo-workbench/kernel/kernel-name'
import { programOptions } from '@pfo-workbench/variant'
import { context, type BuildContext, type BuildFailure, type Message, type Plugin } from 'esbuild'
import { functionsIn, helpersIn } from './helpers.ts'
import { putCalls, shadowStackVariables } from './shadow-stack.ts'
import type { ModelSources } from '../sources.ts'

/** A program that plays scenarios on one variant, or the reasons why bundling failed. */
export type Bundle =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly faults: readonly string[] }

/** How a program gets its call chains. `stack of V8` reads the stack of V8; tests compare the shadow stack with it. */
export type CallChains = 'shadow stack' | 'stack of V8'

/**
 * Files of the play module with this suffix contain functions that stand for kernel code. These functions appear in
 * call chains, like those of the models.
 */
const kernelFiles = /\.kernel\.ts$/

/** The model of the firmware. Firmware is not part of the kernel's call chains. */
const firmware = 'packages/models/powervm/'

/**
 * esbuild's helper that sets the name of each function. Most functions have their name already, and setting it again is
 * slow: for an inner function it happens at each call of the outer one.
 */
const setName = 'var __name=(target,value)=>__defProp(target,"name",{value,configurable:true});'
const setNameIfDifferent =
  'var __name=(target,value)=>target.name===value?target:__defProp(target,"name",{value,configurable:true});'

/**
 * Bundles variants of the same sources. The sources are in a folder that esbuild reads. For each build, the bundler
 * writes the files of the variant to the folder, so that esbuild reads only changed files again.
 */
export class Bundler {
  readonly #folder: string
  readonly #entry: string
  readonly #sources: ModelSources
  readonly #chains: CallChains
  /** The unpatched files, instrumented. The folder contains them between two builds. */
  readonly #known = new Map<string, string>()
  /** Functions of the unpatched sources; computed when the first patch is bundled. */
  #functions: ReadonlySet<string> | null = null
  #context: Promise<BuildContext> | null = null

  /**
   * @param entry - source of the entry module, which exports `play(job: string): string` and imports by absolute path
   * @param folder - an empty folder for exclusive use by the bundler
   */
  constructor(sources: ModelSources, entry: string, folder: string, chains: CallChains = 'shadow stack') {
    this.#sources = sources
    this.#entry = entry
    this.#folder = folder
    this.#chains = chains
  }

  /**
   * Bundles the entry module with the sources of one variant. Builds run one after the other.
   *
   * @param changed - files that differ from the sources, instrumented; null for deleted files
   */
  async bundle(changed: ReadonlyMap<string, string | null>): Promise<Bundle> {
    const builder = await (this.#context ??= this.#start())
    for (const [path, text] of changed) this.#put(path, text === null ? null : this.#patched(path, text))
    try {
      const { outputFiles = [] } = await builder.rebuild()
      return { ok: true, text: (outputFiles[0]?.text ?? '').replace(setName, setNameIfDifferent) }
    } catch (fault) {
      if (!isBuildFailure(fault)) throw fault
      return { ok: false, faults: fault.errors.map(describe) }
    } finally {
      for (const path of changed.keys()) this.#put(path, this.#known.get(path) ?? null)
    }
  }

  /** Stops esbuild's build context. */
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
    if (this.#chains !== 'shadow stack' || path.startsWith(firmware)) return text
    return putCalls(path, text, isCall)
  }

  /** Instruments a patched file. Helpers that the patch extracts from functions are left out of call chains. */
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
    // Overrides the settings of a package.json in a parent folder.
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
      // Structs and callbacks are identified by name, and esbuild renames duplicates.
      keepNames: true,
      banner: { js: `"use strict"; ${this.#chains === 'shadow stack' ? shadowStackVariables : ''}` },
    })
  }

  #plugin(): Plugin {
    return {
      name: 'pfo-play-module',
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
