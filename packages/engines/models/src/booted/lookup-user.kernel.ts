// SPDX-License-Identifier: GPL-2.0-only
import { of_find_node_by_path, of_find_node_by_phandle, of_node_put } from '@pfo-workbench/of'

/**
 * Not part of the kernel: stands for any kernel code that looks up a node and drops the reference afterwards. The name
 * is in kernel spelling, so that call chains show the function.
 */
export function lookup_user(target: string | number): boolean {
  const np = typeof target === 'string' ? of_find_node_by_path(target) : of_find_node_by_phandle(target)
  if (np === null) return false
  of_node_put(np)
  return true
}
