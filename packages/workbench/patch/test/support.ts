// SPDX-License-Identifier: GPL-2.0-only
import {
  parseSeries,
  PatchError,
  type ParseOptions,
  type PatchPaths,
  type PatchSeries,
} from '../src/index.ts'

/** The paths of an engine that accepts only TypeScript sources. */
export const testPaths: PatchPaths = {
  inWords: 'packages/models/<model>/src/**/*.ts',
  pattern: /^packages\/models\/[a-z-]+\/src\/(?:\w[\w.-]*\/)*\w[\w.-]*\.ts$/,
  otherwise: 'is not a source file of a model',
  executables: false,
  moved: new Map([['packages/models/of/src/old.ts', 'packages/models/of/src/base.ts']]),
  insteadOfKernelPatch: 'Look for the functions in packages/models/*/src.',
}

/** Reads patches of TypeScript sources. */
export function parse(
  input: string | Uint8Array,
  source = 'x.patch',
  options: Partial<ParseOptions> = {},
): PatchSeries {
  return parseSeries(input, { source, paths: testPaths, ...options })
}

export const basePath = 'packages/models/of/src/base.ts'

/** A diff of one file that changes `old` to `new`. */
export const diffOf = (path: string = basePath): string => `diff --git a/${path} b/${path}
index 1111111..2222222 100644
--- a/${path}
+++ b/${path}
@@ -10,3 +10,4 @@ export function of_node_get(node: device_node): void {
   one
-  two
+  deux
+  trois
   four
`

export const mailOf = (
  diff: string,
  subject = '[PATCH] of: do it',
): string => `From 1234567890123456789012345678901234567890 Mon Sep 17 00:00:00 2001
From: Ann Author <ann@example.org>
Date: Thu, 5 Jul 2018 12:00:00 +0200
Subject: ${subject}

Because of this.

Signed-off-by: Ann Author <ann@example.org>
---
 base.ts | 3 ++-

${diff}--${' '}
2.39.5

`

/** Returns the PatchError that `run` throws. */
export function errorOf(run: () => unknown): PatchError {
  try {
    run()
  } catch (fault) {
    if (fault instanceof PatchError) return fault
    throw fault
  }
  throw new Error('it was accepted')
}
