// SPDX-License-Identifier: GPL-2.0-only
import { beforeAll, expect, it } from 'vitest'
import { buildCommand, pfo, write } from './support.ts'

beforeAll(buildCommand)

/** Two C files of the kernel, with one hunk each. */
const kernelPatch = `From: Ann Author <ann@example.org>
Date: Thu, 5 Jul 2018 12:00:00 +0200
Subject: [PATCH v2] powerpc/pseries: reset the handle of a detached node

---
diff --git a/arch/powerpc/platforms/pseries/dlpar.c b/arch/powerpc/platforms/pseries/dlpar.c
--- a/arch/powerpc/platforms/pseries/dlpar.c
+++ b/arch/powerpc/platforms/pseries/dlpar.c
@@ -272,2 +272,3 @@ int dlpar_detach_node(struct device_node *dn)
 \tone();
+\ttwo();
 \tthree();
diff --git a/drivers/of/base.c b/drivers/of/base.c
--- a/drivers/of/base.c
+++ b/drivers/of/base.c
@@ -1070,2 +1070,3 @@ struct device_node *of_find_node_by_phandle(phandle handle)
 \tone();
+\ttwo();
 \tthree();
@@ -2000,2 +2001,3 @@ static void no_such_function(void)
 \tone();
+\ttwo();
 \tthree();
`

it("for a patch against the kernel's C sources, pfo names the models of its functions", async () => {
  write('list.patch', kernelPatch)
  const { code, stdout, stderr } = await pfo('compare', 'list.patch')
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/^ {2}dlpar_detach_node +packages\/models\/pseries\/src\/[\w/-]+\.ts:\d+$/m)
  expect(stderr).toMatch(/^ {2}of_find_node_by_phandle +packages\/models\/of\/src\/[\w/-]+\.ts:\d+$/m)
  expect(stderr).toMatch(/^ {2}no_such_function +has no model of its own$/m)
  expect(stderr).toMatch(
    /^With --kernel TREE the patch is compiled and played as it is, on that kernel tree\.\n$/m,
  )
})
