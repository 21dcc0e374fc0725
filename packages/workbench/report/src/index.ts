// SPDX-License-Identifier: GPL-2.0-only
export { reportFormats, reports, type Report, type ReportFormat } from './formats.ts'
export { toHtml } from './html.tsx'
export { toJson } from './json.ts'
export { toJunit } from './junit.ts'
export { toMail } from './mail.ts'
export { toMarkdown } from './markdown.ts'
export type { ReportOptions } from './options.ts'
export { printable, printableLines } from './printable.ts'
export { toRunText } from './run-text.ts'
export {
  comparisonSchema,
  parseComparisonDocument,
  type ComparisonDocument,
  type FindingDocument,
  type WithOptional,
} from './schema.ts'
export { toText } from './text.ts'
export { chainText } from './view/chain.ts'
export { eventFields } from './view/events.ts'
export { stepResult, stepTitle } from './view/steps.ts'
