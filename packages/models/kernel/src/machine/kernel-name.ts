// SPDX-License-Identifier: GPL-2.0-only

/** Functions of the models that are macros in the kernel or helpers of ours: no call chain of a kernel shows them. */
const notCalls: ReadonlySet<string> = new Set([
  'BUG_ON',
  'WARN_ON',
  'WARN_ONCE',
  'pr_crit',
  'pr_err',
  'pr_warn',
  'pr_notice',
  'pr_info',
  'for_each_child_of_node',
  'kref_get',
  'oops',
  'text',
])

/**
 * Whether a function of the models is one of the kernel that call chains show. Model functions carry kernel names
 * (`of_node_get`, `pSeries_reconfig_add_node`); everything else is camelCase.
 */
export function isKernelFunction(name: string): boolean {
  if (!/^\w+$/.test(name) || notCalls.has(name)) return false
  return name.includes('_') || name === name.toLowerCase()
}

/** How many functions of a call chain are told: of a patch that recurses further, the innermost. */
export const longestChain = 96
