// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'
import { toHtml } from './html.tsx'
import { toJson } from './json.ts'
import { toJunit } from './junit.ts'
import { toMail } from './mail.ts'
import { toMarkdown } from './markdown.ts'
import type { ReportOptions } from './options.ts'
import { toText } from './text.ts'

/** Makes a report of a comparison: the same comparison and options give the same bytes. */
export type Report = (comparison: Comparison, options?: ReportOptions) => string

/** What `--format` takes. */
export type ReportFormat = 'text' | 'md' | 'mail' | 'html' | 'json' | 'junit'

/** The reports there are, the default first. */
export const reports: Readonly<Record<ReportFormat, Report>> = {
  text: toText,
  md: toMarkdown,
  mail: toMail,
  html: toHtml,
  json: toJson,
  junit: toJunit,
}

/** The names of the reports, in their order. */
export const reportFormats: readonly ReportFormat[] = Object.keys(reports) as ReportFormat[]
