// SPDX-License-Identifier: GPL-2.0-only
import type { KernelFunctions, ModelSymbol } from '@pfo-workbench/engine-models'
import { wrapped } from '@pfo-workbench/report'

/** One file of the kernel: what of it is modelled, and what is not. */
export interface KernelFile {
  readonly path: string
  readonly modelled: readonly ModelSymbol[]
  /** Functions that it defines and no model has. */
  readonly notModelled: readonly string[]
}

/**
 * Holds the models' symbols against the functions that the kernel's files define.
 *
 * @param match - keeps files and symbols whose name contains this text; of such a file everything, else such symbols alone
 */
export function symbolTable(
  symbols: readonly ModelSymbol[],
  { byFile }: KernelFunctions,
  match = '',
): KernelFile[] {
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

/** The table for a terminal: under each kernel file its symbols with the place of their models, then what is missing. */
export function symbolTableText(files: readonly KernelFile[], version: string): string {
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
