// SPDX-License-Identifier: GPL-2.0-only
import { counted } from '@pfo-workbench/wording'
import type { CheckDocument, CheckedFinding, CheckedPatch } from './document.ts'
import { coverage, pathText, shownAndCounted, statusText, verdict } from './lines.ts'
import { printableDocument } from './printable.ts'
import type { ReportOptions } from './text.ts'

/** Width of a mail in columns, and its maximum length in lines. */
const columns = 76
const longestMail = 35

/**
 * The result as a reply mail of at most 35 lines. The mail shows the first findings, each with the path that proves it,
 * and the number of entries that do not fit.
 */
export function toMail(document: CheckDocument, options: ReportOptions): string {
  const { kernel, compiler, patches } = printableDocument(document)
  const head = wrap(
    `I executed the functions that ${patches.length === 1 ? 'this patch changes' : 'these patches change'} on their paths with pfo check (Linux ${kernel}, ${compiler}):`,
    '',
  )
  const foot = ['', ...wrap('Only references are counted; code without a finding may still be wrong.', '')]
  const lines = [...head, '']
  const rest: string[] = []
  const room = longestMail - foot.length - 1
  for (const patch of patches) {
    for (const block of blocksOf(patch, options, patches.length > 1)) {
      if (rest.length === 0 && lines.length + block.length <= room) lines.push(...block)
      else rest.push(block[0] ?? '')
    }
  }
  if (rest.length > 0)
    lines.push(`(${counted(rest.length, 'more entry', 'more entries')}, see the full report)`)
  return `${[...lines, ...foot].join('\n')}\n`
}

function blocksOf(
  patch: CheckedPatch,
  options: ReportOptions,
  named: boolean,
): readonly (readonly string[])[] {
  const { shown, counted: hidden } = shownAndCounted(patch, options.kept)
  const notable = shown.filter(({ severity }) => severity !== 'note')
  const stays = hidden.filter(({ severity }) => severity === 'error').length
  const summary = `${named ? `${patch.title}: ` : ''}${verdict(patch)}${stays === 0 ? '' : ` (${counted(stays, 'error')} were there before)`}`
  return [wrap(summary, ''), ...notable.map(findingBlock), ...coverage(patch).map((line) => wrap(line, '  '))]
}

function findingBlock(finding: CheckedFinding): readonly string[] {
  const { file, line, function: name, message, severity, paths, ofPaths } = finding
  const what = severity === 'question' ? `question: ${message}` : message
  return [
    ...wrap(
      `${file}:${line} ${name}(): ${what}; ${statusText(finding)}, on ${paths} of ${counted(ofPaths, 'path')}`,
      '  ',
    ),
    ...(finding.path.length === 0 ? [] : wrap(`path: ${pathText(finding)}`, '    ').slice(0, 6)),
    ...(finding.references === undefined ? [] : wrap(`references: ${finding.references}`, '    ')),
  ]
}

function wrap(text: string, indent: string): string[] {
  const lines: string[] = []
  let line = indent
  for (const word of text.split(' ')) {
    if (line.trim() !== '' && line.length + word.length + 1 > columns) {
      lines.push(line)
      line = `${indent}  `
    }
    line += line.trim() === '' ? word : ` ${word}`
  }
  return [...lines, line]
}
