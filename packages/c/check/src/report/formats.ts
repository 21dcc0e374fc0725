// SPDX-License-Identifier: GPL-2.0-only
import type { CheckFailOn, CheckFormat } from './choices.ts'
import { checkDocument, isUnjudged, type CheckDocument } from './document.ts'
import { toJunit } from './junit.ts'
import { toMail } from './mail.ts'
import { toMarkdown } from './markdown.ts'
import { toText, type ReportOptions } from './text.ts'

/** Formats the result. */
export function checkReport(document: CheckDocument, format: CheckFormat, options: ReportOptions): string {
  switch (format) {
    case 'json':
      return `${jsonText(document)}\n`
    case 'text':
      return toText(document, options)
    case 'md':
      return toMarkdown(document, options)
    case 'mail':
      return toMail(document, options)
    case 'junit':
      return toJunit(document)
  }
}

/**
 * JSON with control characters escaped, so that a terminal cannot interpret them. The data is the same. The keys are in
 * the order of the schema, so that cached and computed results have the same bytes.
 */
function jsonText(document: CheckDocument): string {
  return JSON.stringify(checkDocument.parse(document), null, 2).replaceAll(
    /[\p{Cf}\p{Zl}\p{Zp}\u007f-\u009f]/gu,
    (character) =>
      Array.from(
        { length: character.length },
        (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
      ).join(''),
  )
}

/**
 * The exit code: 2 if no patch could be judged. Otherwise 0 if `failOn` is `never`. Otherwise 1 if a patch could not be
 * judged, or has a finding of the kind that `failOn` names; else 0. Only errors count, not questions and notes, and
 * fixed findings never count.
 */
export function checkExitCode({ patches }: CheckDocument, failOn: CheckFailOn): 0 | 1 | 2 {
  if (patches.length > 0 && patches.every(isUnjudged)) return 2
  if (failOn === 'never') return 0
  const fails = patches.some(
    (patch) =>
      isUnjudged(patch) ||
      patch.findings.some(
        ({ severity, status }) =>
          severity === 'error' && (status === 'introduced' || (failOn === 'any' && status !== 'fixed')),
      ),
  )
  return fails ? 1 : 0
}
