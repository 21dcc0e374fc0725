// SPDX-License-Identifier: GPL-2.0-only
import type { CallChain } from '@pfo-workbench/run'

/**
 * Functions that take or drop a reference on behalf of their caller. The first function of a call chain that is not one
 * of them is who holds the reference.
 */
const onBehalf =
  /^(kobject_(init|get|put)|kref_|refcount_|of_node_(get|put)|__?of_(find|get)_|of_(find|get)_|of_parse_phandle|get_device|put_device)/

/** The function that a reference was taken or dropped for. */
export function holderOf(chain: CallChain): string {
  const holder = chain.find((frame) => !onBehalf.test(frame.function)) ?? chain[0]
  return holder?.function ?? '?'
}

/** Functions that carry out or report what their caller did: of no interest as the innermost of a chain. */
const carriers =
  /^(kobject_(init|get|put)|of_node_(get|put)|refcount_\w+|warn_slowpath_fmt|WARN(_ON|_ONCE)?|printk|pr_\w+|dev_\w+|dump_stack)$/

/** A call chain from the first function on that did something of its own. */
export function callersOf(chain: CallChain): CallChain {
  const first = chain.findIndex((frame) => !carriers.test(frame.function))
  return first < 0 ? chain : chain.slice(first)
}
