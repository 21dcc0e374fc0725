// SPDX-License-Identifier: GPL-2.0-only
import { fileURLToPath } from 'node:url'
import { parseSeries, type PatchSeries } from '@pfo-workbench/patch'
import type { BuildOptions, Engine, Stack, Variant } from '@pfo-workbench/run'
import { codeIdentity, VariantError } from '@pfo-workbench/variant'
import { VariantBuilder } from './builder.ts'
import { kernel } from './kernel.ts'
import { modelPaths } from './paths.ts'
import { modelPackages } from './sources.ts'

/** The package of this engine. */
const ownFolder = fileURLToPath(new URL('..', import.meta.url))

/** The module that boots the models, as source: it is bundled with each variant of them. */
const bootModule = fileURLToPath(new URL('../src/subject/boot.ts', import.meta.url))

/** The module that a bundle begins with: a player of jobs that is given these models to boot. */
function entryOf(player: string): string {
  return [
    `import { boot } from ${JSON.stringify(bootModule)}`,
    `import { play as playJob } from ${JSON.stringify(player)}`,
    'export const play = (job: string): string => playJob(job, boot)',
    "export { functionsAtFault as functionsAt } from '@pfo-workbench/kernel'",
    '',
  ].join('\n')
}

/** The models as an engine: patches change their TypeScript sources. */
export class ModelEngine implements Engine<PatchSeries> {
  readonly id = 'models'
  readonly kernel: string = kernel
  readonly unpatched: string = `Linux ${kernel}, unpatched`
  readonly paths: string = modelPaths.inWords
  /** A builder for each player: made when it is needed first, with a compiler of its own. */
  readonly #builders = new Map<string, Promise<VariantBuilder>>()
  #origin: string | null = null
  #disposed = false

  get origin(): string {
    return (this.#origin ??= codeIdentity(ownFolder))
  }

  readPatch(input: string | Uint8Array, source: string): PatchSeries {
    return parseSeries(input, { source, paths: modelPaths })
  }

  /** @throws VariantError when nothing can be built at all, or the engine was disposed of */
  async build(stack: Stack<PatchSeries>, { depth, player, signal }: BuildOptions): Promise<Variant> {
    if (this.#disposed)
      throw new VariantError('disposed', `${stack.id} was not built: the engine was disposed of.`)
    const builder =
      this.#builders.get(player) ?? VariantBuilder.create({ models: modelPackages(), entry: entryOf(player) })
    this.#builders.set(player, builder)
    return (await builder).build(stack, depth, signal)
  }

  /** The models play every scenario. */
  refuses(): null {
    return null
  }

  async rest(): Promise<void> {
    for (const builder of this.#builders.values()) await (await builder.catch(() => null))?.rest()
  }

  /** Ends the builders when what they build is done. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    for (const builder of this.#builders.values()) {
      // Who waits for a builder that could not be made has been told.
      await (await builder.catch(() => null))?.dispose()
    }
  }
}
