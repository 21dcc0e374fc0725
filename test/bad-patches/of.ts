// SPDX-License-Identifier: GPL-2.0-only
import type { BadPatch } from './bad-patch.ts'

/** Mistakes in drivers/of. */
export const ofPatches: readonly BadPatch[] = [
  {
    id: 'path-lookup-keeps-parents',
    title: 'of_find_node_by_path does not put the nodes on the way',
    edits: [['of/src/find.ts', '    of_node_put(parent)\n    at =', '    at =']],
    finding: [
      'leak',
      'reference-held',
      '/ibm,platform-facilities[0] held by do_remove_node',
      'ofdt-remove-add',
    ],
  },
  {
    id: 'next-child-keeps-previous',
    title: 'of_get_next_child does not put the child before',
    edits: [
      [
        'of/src/walk.ts',
        '  of_node_put(prev)\n  return next\n}\n\n/** Models `of_get_next_child`',
        '  return next\n}\n\n/** Models `of_get_next_child`',
      ],
    ],
    finding: [
      'leak',
      'reference-held',
      '/ibm,platform-facilities/ibm,random-v1[0] held by vio_bus_scan_register_devices',
      'lpm-once-hierarchy',
    ],
  },
  {
    id: 'get-parent-without-get',
    title: 'of_get_parent takes no reference',
    edits: [['of/src/walk.ts', 'const np = of_node_get(node.parent)', 'const np = node.parent']],
    finding: ['refcount', 'counter-fault', '/ibm,platform-facilities[0] underflow', 'lpm-once-hierarchy'],
  },
  {
    id: 'phandle-without-get',
    title: 'of_find_node_by_phandle takes no reference',
    edits: [['of/src/phandle.ts', '  of_node_get(np)\n  raw_spin_unlock', '  raw_spin_unlock']],
    finding: ['refcount', 'counter-fault', '/ibm,platform-facilities[0] underflow', 'lpm-once-hierarchy'],
  },
  {
    id: 'phandle-gets-twice',
    title: 'of_find_node_by_phandle takes two references',
    edits: [
      [
        'of/src/phandle.ts',
        '  of_node_get(np)\n  raw_spin_unlock',
        '  of_node_get(np)\n  of_node_get(np)\n  raw_spin_unlock',
      ],
    ],
    finding: [
      'leak',
      'reference-held',
      '/ibm,platform-facilities/ibm,random-v1[0] held by delete_dt_node',
      'lpm-once-hierarchy',
    ],
  },
  {
    id: 'detach-keeps-directory',
    title: '__of_detach_node_sysfs leaves the directory in sysfs',
    edits: [['of/src/kobj.ts', '    kobject_del(np.kobj)\n', '']],
    finding: [
      'duplicate-name',
      'renamed',
      '/firmware/devicetree/base/ibm,platform-facilities#1',
      'lpm-once-hierarchy',
    ],
  },
  {
    id: 'detach-sysfs-puts-twice',
    title: '__of_detach_node_sysfs drops the init reference twice',
    edits: [['of/src/kobj.ts', '  of_node_put(np)\n}', '  of_node_put(np)\n  of_node_put(np)\n}']],
    finding: [
      'refcount',
      'stolen-reference',
      '/ibm,platform-facilities/ibm,random-v1[0] stolen from vio_register_device_node',
      'lpm-once-hierarchy',
    ],
  },
  {
    id: 'detach-without-flag',
    title: '__of_detach_node does not say that the node is detached',
    edits: [['of/src/dynamic.ts', '  of_node_set_flag(np, OF_DETACHED)\n', '']],
    finding: ['refcount', 'bad-put', '/ibm,platform-facilities[0] bad put', 'lpm-once-hierarchy'],
  },
  {
    id: 'detach-stays-linked',
    title: '__of_detach_node leaves a first child linked',
    edits: [['of/src/dynamic.ts', '    parent.child = np.sibling\n', '']],
    finding: [
      'console',
      'console-line',
      'WARNING at drivers/of/dynamic.c __of_detach_node',
      'lpm-once-hierarchy',
    ],
  },
  {
    id: 'attach-not-linked',
    title: '__of_attach_node does not link the node into its parent',
    edits: [['of/src/dynamic.ts', '  parent.child = np\n', '']],
    finding: ['lost-node', 'node-missing', '/ibm,platform-facilities', 'lpm-once-hierarchy'],
  },
  {
    id: 'attach-keeps-mutex',
    title: 'of_attach_node returns with of_mutex held',
    edits: [
      [
        'of/src/dynamic.ts',
        '  mutex_unlock(of_mutex)\n  of_reconfig_notify(OF_RECONFIG_ATTACH_NODE',
        '  of_reconfig_notify(OF_RECONFIG_ATTACH_NODE',
      ],
    ],
    finding: ['deadlock', 'waits-forever', 'of_mutex', 'lpm-twice-hierarchy'],
  },
  {
    id: 'attach-notifies-under-lock',
    title: 'of_attach_node calls the notifiers under devtree_lock',
    edits: [
      [
        'of/src/dynamic.ts',
        '  __of_attach_node(np)\n  raw_spin_unlock_irqrestore(devtree_lock)\n',
        '  __of_attach_node(np)\n  of_reconfig_notify(OF_RECONFIG_ATTACH_NODE, { dn: np, prop: null, old_prop: null })\n  raw_spin_unlock_irqrestore(devtree_lock)\n',
      ],
      [
        'of/src/dynamic.ts',
        '  mutex_unlock(of_mutex)\n  of_reconfig_notify(OF_RECONFIG_ATTACH_NODE, { dn: np, prop: null, old_prop: null })\n',
        '  mutex_unlock(of_mutex)\n',
      ],
    ],
    finding: ['sleep-in-atomic', 'may-sleep', 'blocking_notifier_call_chain', 'lpm-once-hierarchy'],
  },
  {
    id: 'file-name-freed-early',
    title: '__of_add_property_sysfs frees the name of the file that it has made',
    edits: [
      [
        'of/src/kobj.ts',
        '  const rc = sysfs_create_bin_file(np.kobj, pp.attr)\n',
        '  const rc = sysfs_create_bin_file(np.kobj, pp.attr)\n  kfree(fileName)\n',
      ],
    ],
    finding: ['use-after-free', 'touched-after-free', 'bytes allocated by safe_name', 'lpm-once-hierarchy'],
  },
]
