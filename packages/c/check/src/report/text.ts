// SPDX-License-Identifier: GPL-2.0-only
import { counted } from '@pfo-workbench/wording'
import type { CheckDocument, CheckedFinding, CheckedPatch } from './document.ts'
import { coverage, pathText, shownAndCounted, statusText, verdict } from './lines.ts'
import { printableDocument } from './printable.ts'

/** Options of a report. */
export interface ReportOptions {
  /** Show findings in full that the patch neither fixes nor introduces. */
  readonly kept: boolean
  /** Use escape sequences for color. */
  readonly color: boolean
}

/** The result as text for a terminal. */
export function toText(document: CheckDocument, options: ReportOptions): string {
  const { kernel, compiler, patches } = printableDocument(document)
  return [
    `Linux ${kernel}, ${compiler}`,
    '',
    ...patches.flatMap((patch) => [...patchLines(patch, options), '']),
  ].join('\n')
}

function patchLines(patch: CheckedPatch, options: ReportOptions): readonly string[] {
  const { shown, counted: hidden } = shownAndCounted(patch, options.kept)
  const errors = hidden.filter(({ severity }) => severity === 'error').length
  const bold = (text: string): string => (options.color ? `\u001b[1m${text}\u001b[22m` : text)
  return [
    `${bold(patch.title)}: ${verdict(patch)}`,
    ...shown.flatMap((finding) => findingLines(finding, options)),
    ...(hidden.length === 0
      ? []
      : [
          `  unchanged: ${counted(hidden.length, 'finding')}, ${counted(errors, 'error')} among them (--kept shows all)`,
        ]),
    ...coverage(patch).map((line) => `  ${line}`),
    ...(patch.reason === undefined || patch.functions.length === 0 ? [] : [`  not checked: ${patch.reason}`]),
    ...(patch.diagnostics === undefined
      ? []
      : patch.diagnostics
          .trimEnd()
          .split('\n')
          .map((line) => `  ${line}`)),
  ]
}

const colors = { error: 31, question: 33, note: 36 } as const

function findingLines(finding: CheckedFinding, { color }: ReportOptions): readonly string[] {
  const { file, line, function: name, severity, message, references, paths, ofPaths } = finding
  const word = color ? `\u001b[${colors[severity]}m${severity}\u001b[39m` : severity
  return [
    `${file}:${line}: ${name}(): ${word}: ${message}`,
    `  ${statusText(finding)}; on ${paths} of ${counted(ofPaths, 'path')}`,
    ...(finding.path.length === 0 ? [] : [`  path: ${pathText(finding)}`]),
    ...(references === undefined ? [] : [`  references: ${references}`]),
  ]
}
