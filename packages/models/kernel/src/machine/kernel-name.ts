// SPDX-License-Identifier: GPL-2.0-only

/**
 * Functions of the models that kernel call chains do not show, although their names look like kernel names: macros and
 * inline functions of the kernel, and helpers of the models.
 */
const notCalls: ReadonlySet<string> = new Set([
  'BUG_ON',
  'WARN_ON',
  'WARN_ONCE',
  'pr_crit',
  'pr_err',
  'pr_warn',
  'pr_notice',
  'pr_info',
  'container_of',
  'for_each_child_of_node',
  'kref_get',
  'advance',
  'embed',
  'literal',
  'oops',
  'text',
])

/**
 * Returns whether call chains show a function of the models. Functions of the kernel have their kernel names
 * (`of_node_get`, `pSeries_reconfig_add_node`). All others are camelCase or in `notCalls`.
 */
export function isKernelFunction(name: string): boolean {
  if (!/^\w+$/.test(name) || notCalls.has(name)) return false
  return name.includes('_') || name === name.toLowerCase()
}

/** Maximum length of a recorded call chain. A deeper recursion is cut to its innermost functions. */
export const longestChain = 96
