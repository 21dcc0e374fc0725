// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'
import { toHtml } from './html.tsx'
import { toJson } from './json.ts'
import { toJunit } from './junit.ts'
import { toMail } from './mail.ts'
import { toMarkdown } from './markdown.ts'
import type { ReportOptions } from './options.ts'
import { toText } from './text.ts'

/** Makes a report of a comparison. The same comparison and options give the same bytes. */
export type Report = (comparison: Comparison, options?: ReportOptions) => string

/** A value of `--format`. */
export type ReportFormat = 'text' | 'md' | 'mail' | 'html' | 'json' | 'junit'

/** All reports; the first is the default. */
export const reports: Readonly<Record<ReportFormat, Report>> = {
  text: toText,
  md: toMarkdown,
  mail: toMail,
  html: toHtml,
  json: toJson,
  junit: toJunit,
}

/** Names of the reports, in the order of `reports`. */
export const reportFormats: readonly ReportFormat[] = Object.keys(reports) as ReportFormat[]
