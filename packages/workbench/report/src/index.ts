// SPDX-License-Identifier: GPL-2.0-only
export { toJson } from './json.ts'
export { printable, printableLines } from './printable.ts'
export { toRunText } from './run-text.ts'
export { toText, type TextOptions } from './text.ts'
