// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, PatchDiff, Story, TreeNode } from '@pfo-workbench/compare'
import { comparison, interacting, playedSteps } from './support.ts'

const node = (state: Partial<TreeNode>): TreeNode => ({
  node: '/x[0]',
  path: '/x',
  life: 'allocated',
  inTree: true,
  flags: [],
  refcount: 3,
  phandle: 1,
  sysfs: '/sys/x',
  device: 'x',
  driver: 'x_driver',
  ...state,
})

const story = (end: number): Story => ({
  trees: {
    before: [node({}), node({ node: '/y[0]', path: '/y' })],
    after: [
      node({ inTree: false, refcount: end, flags: ['OF_DETACHED'] }),
      node({ node: '/x[1]' }),
      node({ node: '/y[0]', path: '/y' }),
    ],
  },
  moments: [
    {
      nodes: [node({}), node({ node: '/y[0]', path: '/y' })],
      phandleCache: [{ slot: 1, node: '/x[0]', freed: false }],
      vio: [{ device: 'x', driver: 'x_driver', node: '/x[0]' }],
    },
    {
      nodes: [node({ inTree: false, refcount: end, flags: ['OF_DETACHED'] }), node({ node: '/x[1]' })],
      phandleCache: end === 1 ? [{ slot: 1, node: '/x[0]', freed: false }] : [],
      vio: [{ device: 'x', driver: null, node: '/x[0]' }],
    },
  ],
  counts: [
    {
      node: '/x[0]',
      points: [
        { seq: 1, step: 0, count: 1, change: 1, by: 'of_node_init' },
        { seq: 4, step: 0, count: 2, change: 1, by: 'f' },
        { seq: 9, step: 1, count: end, change: end - 2, by: 'g' },
      ],
    },
  ],
})

const text = `diff --git a/packages/models/of/src/of.ts b/packages/models/of/src/of.ts
--- a/packages/models/of/src/of.ts
+++ b/packages/models/of/src/of.ts
@@ -1,3 +1,3 @@ export function f(): void {
 before
-  of_node_get(dn)
+  of_node_put(dn)
 after
`

const diff: PatchDiff = {
  id: 'good',
  subject: 'Do good',
  author: 'A <a@example.org>',
  date: '',
  mail: null,
  body: 'Because it is <good>.',
  text,
}

/** A comparison with everything that a page can show. */
export const told: Comparison = {
  ...interacting,
  variants: comparison.variants.map((variant) =>
    variant.id === 'good' ? { ...variant, diffs: [diff] } : variant,
  ),
  cells: comparison.cells.map((cell) => ({
    ...cell,
    steps: playedSteps,
    story: story(cell.variant === 'baseline' ? 1 : 2),
  })),
}
