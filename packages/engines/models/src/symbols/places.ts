// SPDX-License-Identifier: GPL-2.0-only
import { PatchError } from '@pfo-workbench/patch'
import { modelPackages, readModelSources } from '../sources.ts'
import { kernelFunctions, type KernelFunctions } from './kernel-functions.ts'
import type { ModelSymbol } from './model-symbols.ts'

/** Kernel symbols that are modelled, and the functions that the modelled kernel files define. */
export interface Symbols {
  readonly symbols: readonly ModelSymbol[]
  readonly functions: KernelFunctions
}

/** Reads the kernel symbols in the model sources. */
export async function readSymbols(): Promise<Symbols> {
  // Imported here because it loads the TypeScript compiler, which takes longer than everything else.
  const { functionsModelledWithOthers, modelSymbols } = await import('./model-symbols.ts')
  const { files } = await readModelSources(modelPackages())
  const functions = kernelFunctions()
  const own = modelSymbols(files)
  return { symbols: [...own, ...functionsModelledWithOthers(files, functions.byFile, own)], functions }
}

/**
 * Hint for a user who passed a patch against the kernel's C sources: where the models have the functions that the patch
 * touches.
 *
 * @param fault - the error that ended the command
 * @returns lines for stderr; an empty string for other faults
 */
export async function modelsOf(fault: unknown): Promise<string> {
  if (!(fault instanceof PatchError) || fault.code !== 'c-patch' || fault.functions.length === 0) return ''
  const { symbols } = await readSymbols()
  const width = Math.max(...fault.functions.map((name) => name.length))
  const lines = fault.functions.map((name) => {
    const places = symbols
      .filter(({ symbol }) => symbol === name)
      .map(({ path, line }) => `${path}:${String(line)}`)
    return `  ${name.padEnd(width)}  ${places.length > 0 ? places.join(', ') : 'has no model of its own'}\n`
  })
  return `The models of these functions:\n${lines.join('')}`
}
