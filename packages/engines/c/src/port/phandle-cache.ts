// SPDX-License-Identifier: GPL-2.0-only
import type { Proposal } from './proposal.ts'

const base = ['drivers/of/base.c']
const dynamic = ['drivers/of/dynamic.c']

/** A function of kernels from v5.6 on. They need no proposal: a detached node is removed from the cache. */
const inKernel = {
  paths: base,
  at: [{ function: '__of_phandle_cache_inv_entry' }],
  why: 'its cache drops detached nodes (since v5.6)',
} as const

/** Proposals for the phandle cache of v4.17 to v5.5. */
export const phandleCacheProposals: readonly Proposal[] = [
  {
    id: 'cache-fix',
    subject: 'of: Take references for the phandle cache, drop detached nodes',
    message: `The phandle cache holds no references on its nodes and keeps detached nodes. Take
a reference on each node in the cache, remove a node from the cache when it is
detached, and ignore detached nodes that are still found in the cache.`,
    inKernel,
    ways: [
      [
        {
          paths: base,
          edits: [
            {
              place: 'before',
              at: { function: 'of_populate_phandle_cache' },
              lines: `/* Puts all nodes of the cache and frees it. Called with devtree_lock held. */
static void __of_free_phandle_cache(void)
{
	u32 slot = phandle_cache ? phandle_cache_mask + 1 : 0;

	while (slot--)
		of_node_put(phandle_cache[slot]);
	kfree(phandle_cache);
	phandle_cache = NULL;
}

/* Puts the node of this phandle, if it is in the cache. Called with devtree_lock held. */
void __of_free_phandle_cache_entry(phandle handle)
{
	struct device_node **slot;

	if (!phandle_cache || !handle)
		return;
	slot = &phandle_cache[handle & phandle_cache_mask];
	if (!*slot || (*slot)->phandle != handle)
		return;
	of_node_put(*slot);
	*slot = NULL;
}

`,
            },
            {
              place: 'instead',
              at: {
                function: 'of_populate_phandle_cache',
                statement: /\tkfree\(phandle_cache\);\n\tphandle_cache = NULL;\n/,
              },
              lines: '\t__of_free_phandle_cache();\n',
            },
            {
              place: 'before',
              at: {
                function: 'of_populate_phandle_cache',
                statement: /\tcache_entries = roundup_pow_of_two\(phandles\);\n/,
              },
              lines: `	if (!phandles)
		goto out;

`,
            },
            {
              place: 'instead',
              at: {
                function: 'of_populate_phandle_cache',
                statement:
                  /\t\tif \(np->phandle && np->phandle != OF_PHANDLE_ILLEGAL\)\n\t\t\tphandle_cache\[np->phandle & phandle_cache_mask\] = np;\n/,
              },
              lines: `		if (np->phandle && np->phandle != OF_PHANDLE_ILLEGAL) {
			of_node_get(np);
			phandle_cache[np->phandle & phandle_cache_mask] = np;
		}
`,
            },
            {
              place: 'instead',
              at: {
                function: 'of_free_phandle_cache',
                statement: /\tkfree\(phandle_cache\);\n\tphandle_cache = NULL;\n/,
              },
              lines: '\t__of_free_phandle_cache();\n',
            },
            {
              place: 'instead',
              at: {
                function: 'of_find_node_by_phandle',
                statement: /\t\t\tnp = phandle_cache\[masked_handle\];\n/,
              },
              lines: `			np = phandle_cache[masked_handle];
		if (np && of_node_check_flag(np, OF_DETACHED)) {
			WARN_ON(1);
			of_node_put(np);
			phandle_cache[masked_handle] = NULL;
			np = NULL;
		}
`,
            },
            {
              place: 'instead',
              at: {
                function: 'of_find_node_by_phandle',
                statement: /\t\t\tif \(np->phandle == handle\) \{\n/,
              },
              lines: `			if (np->phandle == handle &&
			    !of_node_check_flag(np, OF_DETACHED)) {
`,
            },
            {
              place: 'instead',
              at: {
                function: 'of_find_node_by_phandle',
                statement: /\t\t\t\tif \(phandle_cache\)\n\t\t\t\t\tphandle_cache\[masked_handle\] = np;\n/,
              },
              lines: `				if (phandle_cache) {
					of_node_get(np);
					phandle_cache[masked_handle] = np;
				}
`,
            },
          ],
        },
        {
          paths: dynamic,
          edits: [
            {
              place: 'after',
              at: {
                function: '__of_detach_node',
                statement: /\tof_node_set_flag\(np, OF_DETACHED\);\n/,
              },
              lines: '\t__of_free_phandle_cache_entry(np->phandle);\n',
            },
            {
              place: 'before',
              at: { function: '__of_detach_node' },
              lines: 'extern void __of_free_phandle_cache_entry(phandle handle);\n\n',
            },
          ],
        },
      ],
    ],
  },
  {
    id: 'cache-skip-detached',
    subject: 'of: Do not return a detached node from the phandle cache',
    message: `A slot of the phandle cache may hold a node that was detached. Empty the slot then,
and search the tree.`,
    inKernel,
    ways: [
      [
        {
          paths: base,
          edits: [
            {
              place: 'after',
              at: {
                function: 'of_find_node_by_phandle',
                statement: /\t\t\tnp = phandle_cache\[masked_handle\];\n/,
              },
              lines: `		if (np && of_node_check_flag(np, OF_DETACHED)) {
			phandle_cache[masked_handle] = NULL;
			np = NULL;
		}
`,
            },
          ],
        },
      ],
    ],
  },
  {
    id: 'cache-off',
    subject: 'powerpc/pseries: Do without the phandle cache',
    message: `The phandle cache does not notice that nodes are detached. Free it at the end of
boot on pseries, as kernels without modules do.`,
    inKernel,
    ways: [
      [
        {
          paths: ['arch/powerpc/platforms/pseries/mobility.c'],
          edits: [
            {
              place: 'before',
              at: { function: 'mobility_sysfs_init' },
              lines: `extern int of_free_phandle_cache(void);

static int __init pseries_free_phandle_cache(void)
{
	return of_free_phandle_cache();
}
machine_late_initcall(pseries, pseries_free_phandle_cache);

`,
            },
          ],
        },
      ],
    ],
  },
]
