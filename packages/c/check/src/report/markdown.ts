// SPDX-License-Identifier: GPL-2.0-only
import type { CheckDocument, CheckedPatch } from './document.ts'
import { coverage, pathText, shownAndCounted, verdict } from './lines.ts'
import { printableDocument } from './printable.ts'
import type { ReportOptions } from './text.ts'

/** The result as Markdown: a heading per patch and a table of findings. */
export function toMarkdown(document: CheckDocument, options: ReportOptions): string {
  const { kernel, compiler, patches } = printableDocument(document)
  return [
    `# pfo check: Linux ${escaped(kernel)}`,
    '',
    `Compiled by ${escaped(compiler)}.`,
    '',
    ...patches.flatMap((patch) => section(patch, options)),
  ].join('\n')
}

function section(patch: CheckedPatch, options: ReportOptions): readonly string[] {
  const { shown, counted: hidden } = shownAndCounted(patch, options.kept)
  const rows = shown.map((finding) =>
    [
      finding.status,
      finding.severity,
      `\`${finding.file}:${finding.line}\` ${finding.function}()`,
      `${escaped(finding.message)}; ${finding.paths} of ${finding.ofPaths} paths${finding.path.length === 0 ? '' : `<br>${escaped(pathText(finding))}`}`,
    ].join(' | '),
  )
  return [
    `## ${escaped(patch.title)}`,
    '',
    `**${escaped(verdict(patch))}**`,
    '',
    ...(rows.length === 0 ? [] : ['status | severity | where | what', '--- | --- | --- | ---', ...rows, '']),
    ...(hidden.length === 0 ? [] : [`${hidden.length} more are unchanged.`, '']),
    ...coverage(patch).map((line) => `- ${escaped(line)}`),
    ...(patch.reason === undefined ? [] : [`- ${escaped(patch.reason)}`]),
    ...(patch.diagnostics === undefined
      ? []
      : ['', '```', patch.diagnostics.trimEnd().replaceAll('```', "'''"), '```']),
    '',
  ]
}

function escaped(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>#|]/g, (character) => `\\${character}`).replaceAll('\n', ' ')
}
