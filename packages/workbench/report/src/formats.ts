// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'
import type { ReportFormat } from './format-names.ts'
import { toHtml } from './html.tsx'
import { toJson } from './json.ts'
import { toJunit } from './junit.ts'
import { toMail } from './mail.ts'
import { toMarkdown } from './markdown.ts'
import type { ReportOptions } from './options.ts'
import { toText } from './text.ts'

/** Makes a report of a comparison. The same comparison and options give the same bytes. */
export type Report = (comparison: Comparison, options?: ReportOptions) => string

/** The reports, by the name of their format. */
export const reports: Readonly<Record<ReportFormat, Report>> = {
  text: toText,
  md: toMarkdown,
  mail: toMail,
  html: toHtml,
  json: toJson,
  junit: toJunit,
}
