// SPDX-License-Identifier: GPL-2.0-only
import {
  fileScope,
  followPointer,
  NOTIFY_OK,
  notifier_block,
  OF_POPULATED,
  OF_POPULATED_BUS,
} from '@pfo-workbench/kernel'
import { OF_RECONFIG_CHANGE_ADD, OF_RECONFIG_CHANGE_REMOVE, of_reconfig_get_state_change } from './dynamic.ts'
import { of_node_check_flag } from './node.ts'
import { of_reconfig_notifier_register, type of_reconfig_data } from './reconfig.ts'

const platform = fileScope(() => ({
  platform_of_notifier: new notifier_block<of_reconfig_data>(of_platform_notify),
}))

/**
 * Models `of_platform_notify` (drivers/of/platform.c, v4.18) for this machine: the platform core populated no bus, so
 * it never adds or removes a device. The checks dereference the same pointers as in C.
 */
function of_platform_notify(
  _nb: notifier_block<of_reconfig_data>,
  action: number,
  rd: of_reconfig_data,
): number {
  const change = of_reconfig_get_state_change(action, rd)
  if (change === OF_RECONFIG_CHANGE_ADD) of_node_check_flag(followPointer(rd.dn.parent), OF_POPULATED_BUS)
  else if (change === OF_RECONFIG_CHANGE_REMOVE) of_node_check_flag(rd.dn, OF_POPULATED)
  return NOTIFY_OK
}

/** Models `of_platform_register_reconfig_notifier` (drivers/of/platform.c, v4.18). */
export function of_platform_register_reconfig_notifier(): void {
  of_reconfig_notifier_register(platform().platform_of_notifier)
}
