// SPDX-License-Identifier: GPL-2.0-only
import wrapAnsi from 'wrap-ansi'
import type { KernelFunctions } from './kernel-functions.ts'
import type { ModelSymbol } from './model-symbols.ts'

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
        ...wrap(notModelled, '  no model of their own: ', 80),
      ].join('\n'),
    )
    .map((block) => `${block}\n`)
    .join('\n')
}

/** The table as a page of the documentation. */
export function symbolTableMarkdown(files: readonly KernelFile[], version: string): string {
  const page = files.map(({ path, modelled, notModelled }) =>
    [
      `## ${path}`,
      '',
      '| kernel symbol | what | model |',
      '| --- | --- | --- |',
      ...modelled.map((one) => `| \`${one.symbol}\` | ${one.kind} | [${one.path}](../${one.path}) |`),
      '',
      ...(notModelled.length === 0
        ? ['Every function that this file defines has its model.']
        : [
            'No model of their own:',
            '',
            ...wrap(
              notModelled.map((name) => `\`${name}\``),
              '',
              110,
            ),
          ]),
      '',
    ].join('\n'),
  )
  return [
    '# Kernel symbols and their models',
    '',
    `What of Linux ${version} the models hold, by kernel file, and the functions of these files that have no model of their own:`,
    'nobody here calls them, or what they do is part of the model of their caller. `npx pfo list symbols` prints the same, with lines.',
    '',
    ...page,
  ].join('\n')
}

/** Names in lines of at most `width` columns, the first behind `lead`, the others below the first name. */
function wrap(names: readonly string[], lead: string, width: number): string[] {
  if (names.length === 0) return []
  const lines = wrapAnsi(names.join(', '), width - lead.length).split('\n')
  return lines.map((line, index) => `${index === 0 ? lead : ' '.repeat(lead.length)}${line}`)
}
