// SPDX-License-Identifier: GPL-2.0-only
import type { BadPatch } from './bad-patch.ts'

/** Mistakes in arch/powerpc/platforms/pseries. */
export const pseriesPatches: readonly BadPatch[] = [
  {
    id: 'delete-without-put',
    title: 'delete_dt_node keeps the reference of its lookup',
    edits: [
      [
        'pseries/src/mobility.ts',
        '  dlpar_detach_node(dn)\n  of_node_put(dn)\n',
        '  dlpar_detach_node(dn)\n',
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
    id: 'delete-puts-twice',
    title: 'delete_dt_node drops the reference of its lookup twice',
    edits: [
      [
        'pseries/src/mobility.ts',
        '  dlpar_detach_node(dn)\n  of_node_put(dn)\n',
        '  dlpar_detach_node(dn)\n  of_node_put(dn)\n  of_node_put(dn)\n',
      ],
    ],
    finding: [
      'refcount',
      'stolen-reference',
      '/ibm,platform-facilities/ibm,random-v1[0] stolen from vio_register_device_node',
      'lpm-once-hierarchy',
    ],
  },
  {
    id: 'update-without-put',
    title: 'update_dt_node keeps the reference of its lookup',
    edits: [['pseries/src/mobility.ts', '    of_node_put(dn)\n  }\n  kfree(area)', '  }\n  kfree(area)']],
    finding: [
      'leak',
      'reference-held',
      '/ibm,platform-facilities/ibm,compression-v1[0] held by update_dt_node',
      'property-update-after-lpm',
    ],
  },
  {
    id: 'update-uses-area-after-free',
    title: 'update_dt_node frees its work area before it is done with it',
    edits: [
      [
        'pseries/src/mobility.ts',
        "    putWord(area, 0, phandle)\n    spinWhile(\n      'ibm,update-properties'",
        "    putWord(area, 0, phandle)\n    kfree(area)\n    spinWhile(\n      'ibm,update-properties'",
      ],
    ],
    finding: [
      'use-after-free',
      'touched-after-free',
      'bytes allocated by update_dt_node',
      'property-update-after-lpm',
    ],
  },
  {
    id: 'add-frees-what-it-attached',
    title: 'add_dt_node frees the node when the attach succeeded',
    edits: [
      [
        'pseries/src/mobility.ts',
        '  if (rc !== 0) dlpar_free_cc_nodes(dn)\n',
        '  if (rc === 0) dlpar_free_cc_nodes(dn)\n',
      ],
    ],
    finding: ['oops', 'task-killed', 'kfree', 'lpm-once-hierarchy'],
  },
  {
    id: 'add-keeps-parent',
    title: 'add_dt_node keeps the reference on the parent, which is the root',
    edits: [
      [
        'pseries/src/mobility.ts',
        '  if (rc !== 0) dlpar_free_cc_nodes(dn)\n  of_node_put(parent_dn)\n',
        '  if (rc !== 0) dlpar_free_cc_nodes(dn)\n',
      ],
    ],
    finding: ['leak', 'reference-held', '/[0] held by add_dt_node', 'lpm-once-hierarchy'],
  },
  {
    id: 'migration-without-update',
    title: 'post_mobility_fixup does not update the tree: all that the update does wrong is gone with it',
    edits: [
      ['pseries/src/mobility.ts', '  const updated = pseries_devicetree_update(MIGRATION_SCOPE)\n', ''],
      [
        'pseries/src/mobility.ts',
        "  if (updated !== 0) printk(LOGLEVEL_ERR, 'Post-mobility device tree update failed: %d\\n', updated)\n",
        '',
      ],
    ],
    finding: ['missed-update', 'changes-not-read', 'ibm,update-nodes', 'lpm-twice-hierarchy'],
  },
  {
    id: 'node-list-not-followed',
    title: 'pseries_devicetree_update asks which nodes changed, and does nothing about them',
    edits: [
      [
        'pseries/src/mobility.ts',
        '      if (status === DONE || status === MORE) followNodeList(area, scope)\n',
        '',
      ],
    ],
    finding: [
      'missed-update',
      'old-value-in-tree',
      '/ibm,platform-facilities/ibm,compression-v1 ibm,max-sg-len',
      'property-update-after-lpm',
    ],
  },
  {
    id: 'add-never-attaches',
    title: 'add_dt_node does not attach what firmware gave it',
    edits: [
      [
        'pseries/src/mobility.ts',
        '  const rc = dlpar_attach_node(dn, parent_dn)\n',
        '  const rc: number = 0\n',
      ],
    ],
    finding: ['lost-node', 'node-missing', '/ibm,platform-facilities', 'lpm-once-hierarchy'],
  },
  {
    id: 'update-frees-property',
    title: 'update_dt_property frees the property that the node has now',
    edits: [
      [
        'pseries/src/mobility.ts',
        '  if (isLast) of_update_property(dn, prop)\n',
        '  if (isLast) {\n    of_update_property(dn, prop)\n    kfree(prop)\n  }\n',
      ],
    ],
    finding: ['use-after-free', 'touched-after-free', /^property#\d+$/, 'prrn-during-lpm'],
  },
  {
    id: 'update-nodes-skips-adds',
    title: 'pseries_devicetree_update passes over the nodes that were added',
    edits: [
      [
        'pseries/src/mobility.ts',
        '      return add_dt_node(entry.parent_phandle, entry.drc_index)\n',
        '      return 0\n',
      ],
    ],
    finding: ['lost-node', 'node-missing', '/ibm,platform-facilities', 'lpm-once-hierarchy'],
  },
  {
    id: 'detach-gets-node',
    title: 'dlpar_detach_node takes a reference that nobody drops',
    edits: [
      [
        'pseries/src/dlpar.ts',
        '  return of_detach_node(dn)\n',
        '  of_node_get(dn)\n  return of_detach_node(dn)\n',
      ],
      ['pseries/src/dlpar.ts', '  of_detach_node,\n', '  of_detach_node,\n  of_node_get,\n'],
    ],
    finding: [
      'leak',
      'reference-held',
      '/ibm,platform-facilities/ibm,random-v1[0] held by dlpar_detach_node',
      'lpm-once-hierarchy',
    ],
  },
  {
    id: 'connector-frees-name',
    title: 'dlpar_parse_cc_node frees the name of the node that it returns',
    edits: [
      [
        'pseries/src/dlpar.ts',
        '  of_node_set_flag(dn, OF_DYNAMIC)\n  of_node_init(dn)\n',
        '  kfree(dn.full_name)\n  of_node_set_flag(dn, OF_DYNAMIC)\n  of_node_init(dn)\n',
      ],
    ],
    finding: [
      'use-after-free',
      'touched-after-free',
      'bytes allocated by dlpar_parse_cc_node',
      'lpm-once-hierarchy',
    ],
  },
  {
    id: 'prrn-without-put',
    title: 'prrn_update_node keeps the reference of its lookup',
    edits: [
      [
        'pseries/src/mobility.ts',
        '  if (dn !== null) {\n    of_node_put(dn)\n    return\n  }\n',
        '  if (dn !== null) return\n',
      ],
    ],
    finding: [
      'leak',
      'reference-held',
      '/ibm,platform-facilities/ibm,compression-v1[0] held by prrn_update_node',
      'prrn-during-lpm',
    ],
  },
  {
    id: 'ofdt-remove-without-put',
    title: 'do_remove_node keeps the reference of its lookup',
    edits: [['pseries/src/reconfig.ts', '  of_node_put(node)\n  return rv\n', '  return rv\n']],
    finding: [
      'leak',
      'reference-held',
      '/ibm,platform-facilities/ibm,random-v1[0] held by do_remove_node',
      'ofdt-remove-add',
    ],
  },
  {
    id: 'ofdt-remove-puts-twice',
    title: 'do_remove_node drops the reference of its lookup twice',
    edits: [
      [
        'pseries/src/reconfig.ts',
        '  of_node_put(node)\n  return rv\n',
        '  of_node_put(node)\n  of_node_put(node)\n  return rv\n',
      ],
    ],
    finding: [
      'refcount',
      'stolen-reference',
      '/ibm,platform-facilities/ibm,random-v1[0] stolen from vio_register_device_node',
      'ofdt-remove-add',
    ],
  },
  {
    id: 'memory-notifier-oops',
    title: 'pseries_memory_notifier reads the property of a node that is attached, which has none',
    edits: [
      [
        'pseries/src/notifiers.ts',
        "    if (type !== null) strcmp(type, 'memory')\n",
        "    if (type !== null) strcmp(type, 'memory')\n    strcmp(followPointer(prop).name, 'ibm,dynamic-memory')\n",
      ],
    ],
    finding: ['oops', 'task-killed', 'pseries_memory_notifier', 'lpm-once-hierarchy'],
  },
  {
    id: 'add-asks-for-phandle',
    title: 'add_dt_node asks firmware for the phandle of the parent instead of the DRC index',
    edits: [
      [
        'pseries/src/mobility.ts',
        'dlpar_configure_connector(drc_index, parent_dn)',
        'dlpar_configure_connector(parent_phandle, parent_dn)',
      ],
    ],
    finding: ['lost-node', 'node-missing', '/ibm,platform-facilities', 'lpm-once-hierarchy'],
  },
]
