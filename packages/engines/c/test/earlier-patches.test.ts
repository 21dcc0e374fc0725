// SPDX-License-Identifier: GPL-2.0-only
import { kernelPaths, parseSeries } from '@pfo-workbench/patch'
import { expect, it } from 'vitest'
import { earlierPatchesHint } from '../src/patch/earlier-patches.ts'

/** A mail with a one-line patch. */
const mail = (tag: string): string => `From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001
From: A <a@example.org>
Subject: [${tag}] of: change a line

---
diff --git a/drivers/of/base.c b/drivers/of/base.c
--- a/drivers/of/base.c
+++ b/drivers/of/base.c
@@ -1 +1 @@
-a
+b
`

const hintFor = (...tags: readonly string[]): string | null =>
  earlierPatchesHint({
    patches: tags.map((tag) => ({
      id: tag,
      series: parseSeries(mail(tag), { source: tag, paths: kernelPaths }),
    })),
  })

it.each([
  [['PATCH 3/4'], /^It is patch 3 of 4, and may depend on patches 1 and 2 of the series: pass the series/],
  [['PATCH v2 2/2'], /^It is patch 2 of 2, and may depend on patch 1 of the series/],
  [['PATCH 1/3', 'PATCH 3/3'], /^It is patch 3 of 3/],
])('the hint names the earlier patches that a patch of a series may need: %j', (tags, hint) => {
  expect(hintFor(...tags)).toMatch(hint)
})

it.each([[['PATCH 1/3']], [['PATCH']], [['PATCH 1/2', 'PATCH 2/2']], [['RFC PATCH 1/3', 'RFC PATCH 2/3']]])(
  'there is no hint for first patches and for single ones: %j',
  (tags) => {
    expect(hintFor(...tags)).toBeNull()
  },
)
