// SPDX-License-Identifier: GPL-2.0-only
import {
  device_node,
  NOTIFY_OK,
  fileScope,
  kfree,
  kzalloc,
  notifier_block,
  OF_POPULATED,
  pr_info,
  text,
  type cstr,
  type Module,
} from '@pfo-workbench/kernel'
import {
  of_device_is_available,
  of_find_all_nodes,
  of_find_compatible_node,
  of_find_matching_node,
  of_find_matching_node_and_match,
  of_find_node_by_name,
  of_find_node_by_path,
  of_find_node_by_type,
  of_find_node_with_property,
  of_get_child_by_name,
  of_get_next_available_child,
  of_get_next_child,
  of_get_next_parent,
  of_machine_is_compatible,
  of_match_node,
  of_node_put,
  of_node_test_and_set_flag,
  of_parse_phandle,
  of_parse_phandle_with_args,
  of_property_count_elems_of_size,
  of_property_count_strings,
  of_property_match_string,
  of_property_read_bool,
  of_property_read_string,
  of_property_read_string_index,
  of_property_read_u32,
  of_property_read_u32_array,
  of_property_read_u32_index,
  of_reconfig_get_state_change,
  of_reconfig_notifier_register,
  of_reconfig_notifier_unregister,
  type of_device_id,
  type of_reconfig_data,
  type PropertyResult,
} from '@pfo-workbench/of'

const testState = fileScope(() => ({ test_of_nb: new notifier_block<of_reconfig_data>(test_of_notifier) }))

const test_of_match: readonly of_device_id[] = [
  { compatible: 'ibm,compression' },
  { compatible: 'ibm,random' },
  { type: 'vdevice' },
  { name: 'ibm,sym-encryption-v1' },
]

function numberIn(result: PropertyResult<number>): number {
  return typeof result === 'number' ? result : result.value
}

function stringIn(result: PropertyResult<cstr>): string {
  return typeof result === 'number' ? String(result) : text(result.value)
}

function test_of_notifier(
  _nb: notifier_block<of_reconfig_data>,
  action: number,
  data: of_reconfig_data,
): number {
  const change = of_reconfig_get_state_change(action, data)
  pr_info('test_of: action %d on %pOF, state change %d\n', action, data.dn, change)
  return NOTIFY_OK
}

function test_of_find(): void {
  let count = 0
  for (let np = of_find_all_nodes(null); np !== null; np = of_find_all_nodes(np)) count++
  pr_info('test_of: %d nodes\n', count)
  for (
    let np = of_find_node_by_type(null, 'vdevice');
    np !== null;
    np = of_find_node_by_type(np, 'vdevice')
  ) {
    pr_info('test_of: of type vdevice: %pOF\n', np)
  }
  let np = of_find_node_by_name(null, 'ibm,random-v1')
  for (; np !== null; np = of_find_node_by_name(np, 'ibm,random-v1')) {
    pr_info('test_of: of name ibm,random-v1: %pOF\n', np)
  }
  np = of_find_node_with_property(null, 'ibm,max-sg-len')
  for (; np !== null; np = of_find_node_with_property(np, 'ibm,max-sg-len')) {
    pr_info('test_of: with ibm,max-sg-len: %pOF\n', np)
  }
  np = of_find_compatible_node(null, null, 'ibm,random')
  for (; np !== null; np = of_find_compatible_node(np, null, 'ibm,random')) {
    pr_info('test_of: compatible with ibm,random: %pOF\n', np)
  }
  np = of_find_matching_node(null, test_of_match)
  while (np !== null) {
    const match = of_match_node(test_of_match, np)
    pr_info('test_of: matched: %pOF by %s\n', np, match?.compatible ?? match?.type ?? match?.name ?? '?')
    np = of_find_matching_node_and_match(np, test_of_match).np
  }
  pr_info('test_of: machine is a pseries: %d\n', of_machine_is_compatible('qemu,pseries'))
}

function test_of_walk(): void {
  const parent = of_find_node_by_path('/ibm,platform-facilities')
  let child = of_get_next_available_child(parent, null)
  while (child !== null) {
    pr_info('test_of: available: %pOF\n', child)
    child = of_get_next_available_child(parent, child)
  }
  while ((child = of_get_next_child(parent, child)) !== null) {
    pr_info('test_of: %pOF is available: %d\n', child, of_device_is_available(child) ? 1 : 0)
  }
  const compression = of_get_child_by_name(parent, 'ibm,compression-v1')
  pr_info('test_of: of name ibm,compression-v1: %pOF\n', compression)
  const above = of_get_next_parent(compression)
  pr_info('test_of: above ibm,compression-v1: %pOF\n', above)
  of_node_put(above)
  of_node_put(parent)
}

function test_of_read(path: string): void {
  const np = of_find_node_by_path(path)
  if (np === null) {
    pr_info('test_of: no %s\n', path)
    return
  }
  const status = stringIn(of_property_read_string(np, 'status'))
  const hasIndex = of_property_read_bool(np, 'ibm,my-drc-index') ? 1 : 0
  pr_info('test_of: %pOF: status %s, has a connector: %d\n', np, status, hasIndex)
  const sgLength = numberIn(of_property_read_u32(np, 'ibm,max-sg-len'))
  const second = numberIn(of_property_read_u32_index(np, 'ibm,max-sync-cop', 1))
  const cells = of_property_count_elems_of_size(np, 'ibm,max-sync-cop', 4)
  const pair = of_property_read_u32_array(np, 'ibm,max-sync-cop', 2)
  const last = typeof pair === 'number' ? pair : (pair.value.at(-1) ?? 0)
  pr_info('test_of: %pOF: %d, second of %d cells: %d %d\n', np, sgLength, cells, second, last)
  const strings = of_property_count_strings(np, 'compatible')
  const first = stringIn(of_property_read_string_index(np, 'compatible', 0))
  const match = of_property_match_string(np, 'compatible', 'ibm,compression')
  pr_info('test_of: %pOF: %d strings, first %s, ibm,compression is %d\n', np, strings, first, match)
  of_node_put(np)
}

function test_of_parse(path: string): void {
  const np = of_find_node_by_path(path)
  if (np === null) return
  for (const index of [0, 1, 2]) {
    const named = of_parse_phandle(np, 'test-list', index)
    pr_info('test_of: %pOF: handle %d: %pOF\n', np, index, named)
    of_node_put(named)
    const entry = of_parse_phandle_with_args(np, 'test-list-with-args', '#test-cells', index)
    if (typeof entry === 'number') {
      pr_info('test_of: %pOF: entry %d: %d\n', np, index, entry)
    } else {
      pr_info('test_of: %pOF: entry %d: %pOF %s\n', np, index, entry.np, entry.args.join(' '))
      of_node_put(entry.np)
    }
  }
  of_node_put(np)
}

function test_of_flags(): void {
  const np = kzalloc(device_node)
  if (np === null) return
  const before = of_node_test_and_set_flag(np, OF_POPULATED)
  pr_info('test_of: populated: %d, then %d\n', before, of_node_test_and_set_flag(np, OF_POPULATED))
  kfree(np)
}

function test_of_init(): number {
  test_of_find()
  test_of_walk()
  for (const path of ['/ibm,platform-facilities/ibm,compression-v1', '/vdevice/vty@71000000', '/none']) {
    test_of_read(path)
    test_of_parse(path)
  }
  test_of_flags()
  return of_reconfig_notifier_register(testState().test_of_nb)
}

function test_of_exit(): void {
  of_reconfig_notifier_unregister(testState().test_of_nb)
}

/**
 * Not part of the kernel: stands for any driver that looks up nodes, reads them, and registers notifiers. It uses each
 * interface of drivers/of and prints its results on the console. References are balanced.
 */
export const testOfModule: Module = { name: 'test_of', init: test_of_init, exit: test_of_exit }
