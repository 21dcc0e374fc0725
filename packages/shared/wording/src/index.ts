// SPDX-License-Identifier: GPL-2.0-only
export { counted } from './counted.ts'
export { enumerated } from './enumerated.ts'
export { printable, printableLines } from './printable.ts'
