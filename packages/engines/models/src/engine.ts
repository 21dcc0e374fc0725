// SPDX-License-Identifier: GPL-2.0-only
import { fileURLToPath } from 'node:url'
import { parseSeries, type PatchSeries } from '@pfo-workbench/patch'
import type { BuildOptions, Engine, Stack, Variant } from '@pfo-workbench/run'
import { codeIdentity } from '@pfo-workbench/code'
import { VariantError } from '@pfo-workbench/variant'
import { VariantBuilder } from './builder.ts'
import { modelledKernel } from './modelled-kernel.ts'
import { modelPaths } from './paths.ts'
import { modelPackages } from './sources.ts'

/** Folder of this package. */
const ownFolder = fileURLToPath(new URL('..', import.meta.url))

/** Source of the module that boots the models. It is bundled with each variant. */
const bootModule = fileURLToPath(new URL('../src/booted/boot.ts', import.meta.url))

/** Source of the entry module of a bundle: connects the play module with the boot function of these models. */
function entryOf(playModule: string): string {
  return [
    `import { boot } from ${JSON.stringify(bootModule)}`,
    `import { play as playJob } from ${JSON.stringify(playModule)}`,
    'export const play = (job: string): string => playJob(job, boot)',
    "export { functionsAtFault as functionsAt } from '@pfo-workbench/kernel'",
    '',
  ].join('\n')
}

/** The engine for the models: patches change their TypeScript sources. */
export class ModelEngine implements Engine<PatchSeries> {
  readonly id = 'models'
  readonly kernel: string = modelledKernel
  readonly unpatched: string = `Linux ${modelledKernel}, unpatched`
  readonly paths: string = modelPaths.inWords
  /** One builder per play module, each with its own compiler. Created on first use. */
  readonly #builders = new Map<string, Promise<VariantBuilder>>()
  #origin: string | null = null
  #disposed = false

  get origin(): string {
    return (this.#origin ??= codeIdentity(ownFolder))
  }

  readPatch(input: string | Uint8Array, source: string): PatchSeries {
    return parseSeries(input, { source, paths: modelPaths })
  }

  /** @throws VariantError if nothing can be built at all, or if the engine was disposed of */
  async build(stack: Stack<PatchSeries>, { depth, playModule, signal }: BuildOptions): Promise<Variant> {
    if (this.#disposed)
      throw new VariantError('disposed', `${stack.id} was not built: the engine was disposed of.`)
    const builder =
      this.#builders.get(playModule) ??
      VariantBuilder.create({ models: modelPackages(), entry: entryOf(playModule) })
    this.#builders.set(playModule, builder)
    return (await builder).build(stack, depth, signal)
  }

  /** Returns null: the models can play every scenario. */
  refuses(): null {
    return null
  }

  async rest(): Promise<void> {
    for (const builder of this.#builders.values()) await (await builder.catch(() => null))?.rest()
  }

  /** Disposes of the builders after their running builds. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    for (const builder of this.#builders.values()) {
      // The error of a failed builder was already reported to the caller of `build`.
      await (await builder.catch(() => null))?.dispose()
    }
  }
}
