// SPDX-License-Identifier: GPL-2.0-only
import { PatchError } from '@pfo-workbench/patch'
import { modelPackages, readModelSources } from '../sources.ts'
import { kernelFunctions, type KernelFunctions } from './kernel-functions.ts'
import type { ModelSymbol } from './model-symbols.ts'

/** What of the kernel is modelled, and what the modelled files of the kernel define. */
export interface Symbols {
  readonly symbols: readonly ModelSymbol[]
  readonly functions: KernelFunctions
}

/** Reads the sources of the models for the names of the kernel that they hold. */
export async function readSymbols(): Promise<Symbols> {
  // With it comes the TypeScript compiler, which takes longer to load than all the rest.
  const { modelSymbols } = await import('./model-symbols.ts')
  const { files } = await readModelSources(modelPackages())
  return { symbols: modelSymbols(files), functions: kernelFunctions() }
}

/**
 * What can be said about a patch against the kernel's C sources beyond that it is one: where the models have the functions that
 * it touches.
 *
 * @param fault - what ended the command
 * @returns lines for stderr; none for other faults
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
