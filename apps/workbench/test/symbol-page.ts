// SPDX-License-Identifier: GPL-2.0-only
import type { KernelSource } from '../src/symbol-table.ts'
import { wrapped } from '@pfo-workbench/report'

/** Formats the table as a page of the documentation. */
export function symbolTableMarkdown(files: readonly KernelSource[], version: string): string {
  const page = files.map(({ path, modelled, notModelled }) =>
    [
      `## ${path}`,
      '',
      '| kernel symbol | what | model |',
      '| --- | --- | --- |',
      ...modelled.map((one) => `| \`${one.symbol}\` | ${one.kind} | [${one.path}](../${one.path}) |`),
      '',
      ...(notModelled.length === 0
        ? ['Every function that this file defines has a model.']
        : [
            'Without a model of their own:',
            '',
            wrapped('', notModelled.map((name) => `\`${name}\``).join(', '), 110),
          ]),
      '',
    ].join('\n'),
  )
  return [
    '# Kernel symbols and their models',
    '',
    `The symbols of Linux ${version} that the models contain, by kernel file, and the functions of these files that have no model of their own:`,
    'no model calls them, or their effect is part of the model of their caller. `npx pfo list symbols` prints the same list, with line numbers.',
    '',
    ...page,
  ].join('\n')
}
