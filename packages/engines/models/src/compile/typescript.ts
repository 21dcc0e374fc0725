// SPDX-License-Identifier: GPL-2.0-only
import { createRequire } from 'node:module'
import type TS from 'typescript'

/**
 * The TypeScript compiler, loaded with `require`. For an import of its single huge CommonJS file, Node first scans the
 * whole file for exports, which takes twice as long as running it.
 */
export const ts: typeof TS = createRequire(import.meta.url)('typescript') as typeof TS
