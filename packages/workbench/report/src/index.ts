// SPDX-License-Identifier: GPL-2.0-only
export { reportFormats, reports, type Report, type ReportFormat } from './formats.ts'
export { toJson } from './json.ts'
export { toMail } from './mail.ts'
export { toMarkdown } from './markdown.ts'
export type { ReportOptions } from './options.ts'
export { printable, printableLines } from './printable.ts'
export { toRunText } from './run-text.ts'
export { toText } from './text.ts'
