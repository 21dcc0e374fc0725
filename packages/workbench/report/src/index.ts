// SPDX-License-Identifier: GPL-2.0-only
export { reportFormats, type ReportFormat } from './format-names.ts'
export { reports, type Report } from './formats.ts'
export { toDiffText } from './diff-text.ts'
export { toFindingsDiffText, type OneSidedFinding } from './findings-diff-text.ts'
export { toExplainText } from './explain-text.ts'
export { toHtml } from './html.tsx'
export { toJson } from './json.ts'
export { toJunit } from './junit.ts'
export { toMail } from './mail.ts'
export { toMarkdown } from './markdown.ts'
export { toMinimalJson, toMinimalText } from './minimal-text.ts'
export type { NamedRun } from './named-run.ts'
export type { ReportOptions } from './options.ts'
export { toRunText } from './run-text.ts'
export {
  DocumentError,
  mergeDocuments,
  maxDocumentBytes,
  parseComparisonDocument,
  readDocument,
  readParsedDocument,
  type ReadDocument,
} from './document.ts'
export {
  comparisonSchema,
  type ComparisonDocument,
  type EvidenceDocument,
  type FindingDocument,
  type InteractionDocument,
} from './schema.ts'
export {
  recommend,
  recommendations,
  verdicts,
  type Recommendation,
  type Verdict,
} from './recommend/recommend.ts'
export type { Bug } from './recommend/bugs.ts'
export { toFullText, toText } from './text.ts'
export { findingName } from './wording/comparison-view.ts'
export { wrapped } from './text/lines.ts'
export { toPlayedLine, toTriedLine } from './text/played-lines.ts'
