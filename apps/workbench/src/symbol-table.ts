// SPDX-License-Identifier: GPL-2.0-only
import type { KernelFunctions, ModelSymbol } from '@pfo-workbench/engine-models'
import { wrapped } from '@pfo-workbench/report'

/** A kernel file, with its modelled and missing functions. */
export interface KernelSource {
  readonly path: string
  readonly modelled: readonly ModelSymbol[]
  /** Functions of the file that no model has. */
  readonly notModelled: readonly string[]
}

/**
 * Compares the models' symbols with the functions that the kernel's files define. Lists only files with at least one
 * modelled symbol.
 *
 * @param match - keeps symbols whose name contains this text, and all symbols of files whose path contains it
 */
export function symbolTable(
  symbols: readonly ModelSymbol[],
  { byFile }: KernelFunctions,
  match = '',
): KernelSource[] {
  const everywhere = new Set(symbols.map(({ symbol }) => symbol))
  const paths = [...new Set(symbols.map(({ kernelFile }) => kernelFile))]
  return paths.flatMap((path) => {
    const whole = path.includes(match)
    const kept = symbols.filter(
      ({ kernelFile, symbol }) => kernelFile === path && (whole || symbol.includes(match)),
    )
    const notModelled = (byFile.get(path) ?? []).filter(
      (name) => !everywhere.has(name) && (whole || name.includes(match)),
    )
    return kept.length + notModelled.length === 0 ? [] : [{ path, modelled: kept, notModelled }]
  })
}

/**
 * Formats the table for a terminal: for each kernel file, the symbols with the positions of their models, then the
 * missing functions.
 */
export function symbolTableText(files: readonly KernelSource[], version: string): string {
  const width = Math.max(0, ...files.flatMap(({ modelled }) => modelled.map(({ symbol }) => symbol.length)))
  return files
    .map(({ path, modelled, notModelled }) =>
      [
        `${path} (${version})`,
        ...modelled.map((one) => `  ${one.symbol.padEnd(width)}  ${one.path}:${one.line}`),
        ...(notModelled.length === 0 ? [] : [wrapped('  no model of their own: ', notModelled.join(', '))]),
      ].join('\n'),
    )
    .map((block) => `${block}\n`)
    .join('\n')
}
