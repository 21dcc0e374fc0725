// SPDX-License-Identifier: GPL-2.0-only
import { createRequire } from 'node:module'
import type TS from 'typescript'

/**
 * The TypeScript compiler. It is required, not imported: for an import of its one huge CommonJS file Node first searches all
 * of it for exports, which takes twice as long as running it.
 */
export const ts: typeof TS = createRequire(import.meta.url)('typescript') as typeof TS
