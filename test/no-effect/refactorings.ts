// SPDX-License-Identifier: GPL-2.0-only
import type { Edit } from '../support/edits.ts'

/** A patch that changes how the code is written, but not its behavior. */
export interface Refactoring {
  readonly id: string
  readonly title: string
  readonly edits: readonly Edit[]
}

export const refactorings: readonly Refactoring[] = [
  {
    id: 'of-renamed-local',
    title: '__of_get_next_child calls its local variable otherwise',
    edits: [
      [
        'of/src/walk.ts',
        '  const next = of_node_get(prev === null ? node.child : prev.sibling)\n  of_node_put(prev)\n  return next\n',
        '  const following = of_node_get(prev === null ? node.child : prev.sibling)\n  of_node_put(prev)\n  return following\n',
      ],
    ],
  },
  {
    id: 'of-helper-takes-reference',
    title: 'of_find_node_by_phandle takes its reference in a helper',
    edits: [
      [
        'of/src/phandle.ts',
        '  of_node_get(np)\n  raw_spin_unlock',
        '  of_phandle_hold(np)\n  raw_spin_unlock',
      ],
      [
        'of/src/phandle.ts',
        '/** The filled slots of the cache, for inspection. */\n',
        'function of_phandle_hold(np: device_node | null): void {\n  of_node_get(np)\n}\n\n/** The filled slots of the cache, for inspection. */\n',
      ],
    ],
  },
  {
    id: 'of-for-instead-of-while',
    title: '__of_find_property loops with for',
    edits: [
      [
        'of/src/property.ts',
        '  let pp = np.properties\n  while (pp !== null && strcmp(pp.name, name) !== 0) pp = pp.next\n  return pp\n',
        '  for (let pp = np.properties; pp !== null; pp = pp.next) if (strcmp(pp.name, name) === 0) return pp\n  return null\n',
      ],
    ],
  },
  {
    id: 'of-else-instead-of-return',
    title: 'of_remove_property says with else what it said with return',
    edits: [
      [
        'of/src/property.ts',
        "  if (!unlinkFrom(np, 'properties', prop)) return -ENODEV\n  buryProperty(np, prop)\n  emitPropertyChange(np, prop, 'remove')\n  return 0\n",
        "  if (!unlinkFrom(np, 'properties', prop)) {\n    return -ENODEV\n  } else {\n    buryProperty(np, prop)\n    emitPropertyChange(np, prop, 'remove')\n    return 0\n  }\n",
      ],
    ],
  },
  {
    id: 'of-helper-under-lock',
    title: 'of_detach_node takes the node out of the tree in a helper',
    edits: [
      [
        'of/src/dynamic.ts',
        '  raw_spin_lock_irqsave(devtree_lock)\n  __of_detach_node(np)\n  raw_spin_unlock_irqrestore(devtree_lock)\n  __of_detach_node_sysfs(np)\n',
        '  of_detach_locked(np)\n  __of_detach_node_sysfs(np)\n',
      ],
      [
        'of/src/dynamic.ts',
        '/** The change has no effect on a device',
        'function of_detach_locked(np: device_node): void {\n  const { devtree_lock } = ofState()\n  raw_spin_lock_irqsave(devtree_lock)\n  __of_detach_node(np)\n  raw_spin_unlock_irqrestore(devtree_lock)\n}\n\n/** The change has no effect on a device',
      ],
      [
        'of/src/dynamic.ts',
        'export function of_detach_node(np: device_node): number {\n  const { of_mutex, devtree_lock } = ofState()\n',
        'export function of_detach_node(np: device_node): number {\n  const { of_mutex } = ofState()\n',
      ],
    ],
  },
  {
    id: 'vio-condition-by-de-morgan',
    title: 'vio_bus_match asks the opposite question',
    edits: [
      [
        'vio/src/bus.ts',
        '  return id_table !== null && vio_match_device(id_table, vio_dev) !== null\n',
        '  return !(id_table === null || vio_match_device(id_table, vio_dev) === null)\n',
      ],
    ],
  },
  {
    id: 'vio-if-instead-of-conditional',
    title: 'vio_bus_remove writes a conditional expression as a statement',
    edits: [
      [
        'vio/src/bus.ts',
        '  const ret = remove === null ? 1 : remove(viodev)\n',
        '  let ret = 1\n  if (remove !== null) ret = remove(viodev)\n',
      ],
    ],
  },
  {
    id: 'vio-helper-fills-device',
    title: 'vio_register_device_node fills the device in a helper, which takes the reference on the node',
    edits: [
      [
        'vio/src/register.ts',
        '  viodev.name = of_node.name\n  viodev.dev.of_node = of_node_get(of_node)\n',
        '  vio_dev_set_node(viodev, of_node)\n',
      ],
      [
        'vio/src/register.ts',
        'function nameOf(',
        'function vio_dev_set_node(viodev: vio_dev, of_node: device_node): void {\n  viodev.name = of_node.name\n  viodev.dev.of_node = of_node_get(of_node)\n}\n\nfunction nameOf(',
      ],
    ],
  },
  {
    id: 'vio-functions-reordered',
    title: 'the attributes of a vio device stand in another order',
    edits: [
      [
        'vio/src/attributes.ts',
        "function cmo_entitled_show(dev: device): string {\n  return sprintf('%d\\n', to_vio_dev(dev).cmo.entitled)\n}\n",
        '',
      ],
      [
        'vio/src/attributes.ts',
        "function cmo_desired_show(dev: device): string {\n  return sprintf('%d\\n', to_vio_dev(dev).cmo.desired)\n}\n",
        "function cmo_desired_show(dev: device): string {\n  return sprintf('%d\\n', to_vio_dev(dev).cmo.desired)\n}\n\nfunction cmo_entitled_show(dev: device): string {\n  return sprintf('%d\\n', to_vio_dev(dev).cmo.entitled)\n}\n",
      ],
    ],
  },
  {
    id: 'pseries-else-instead-of-return',
    title: 'delete_dt_node returns at one place',
    edits: [
      [
        'pseries/src/mobility.ts',
        '  if (dn === null) return -ENOENT\n  dlpar_detach_node(dn)\n  of_node_put(dn)\n  return 0\n',
        '  let rc = 0\n  if (dn === null) {\n    rc = -ENOENT\n  } else {\n    dlpar_detach_node(dn)\n    of_node_put(dn)\n  }\n  return rc\n',
      ],
    ],
  },
  {
    id: 'pseries-helper-drops-reference',
    title: 'delete_dt_node detaches and puts the node in a helper',
    edits: [
      [
        'pseries/src/mobility.ts',
        '  if (dn === null) return -ENOENT\n  dlpar_detach_node(dn)\n  of_node_put(dn)\n  return 0\n',
        '  if (dn === null) return -ENOENT\n  dlpar_detach_and_put(dn)\n  return 0\n',
      ],
      [
        'pseries/src/mobility.ts',
        '/** The property whose last piece is still missing',
        'function dlpar_detach_and_put(dn: device_node): void {\n  dlpar_detach_node(dn)\n  of_node_put(dn)\n}\n\n/** The property whose last piece is still missing',
      ],
    ],
  },
  {
    id: 'pseries-goto-out',
    title: 'add_dt_node drops its reference at one place',
    edits: [
      [
        'pseries/src/mobility.ts',
        '  if (dn === null) {\n    of_node_put(parent_dn)\n    return -ENOENT\n  }\n  const rc = dlpar_attach_node(dn, parent_dn)\n  if (rc !== 0) dlpar_free_cc_nodes(dn)\n  of_node_put(parent_dn)\n',
        '  let rc = -ENOENT\n  if (dn !== null) {\n    rc = dlpar_attach_node(dn, parent_dn)\n    if (rc !== 0) dlpar_free_cc_nodes(dn)\n  }\n  of_node_put(parent_dn)\n',
      ],
    ],
  },
  {
    id: 'pseries-named-result',
    title: 'do_remove_node and dlpar_detach_node name what they return',
    edits: [
      [
        'pseries/src/reconfig.ts',
        '  const rv = pSeries_reconfig_remove_node(node)\n  of_node_put(node)\n  return rv\n',
        '  const error = pSeries_reconfig_remove_node(node)\n  of_node_put(node)\n  return error\n',
      ],
      [
        'pseries/src/dlpar.ts',
        '  return of_detach_node(dn)\n',
        '  const rc = of_detach_node(dn)\n  return rc\n',
      ],
    ],
  },
  {
    id: 'nx842-helper-allocates',
    title: 'nx842_probe allocates its data in a helper',
    edits: [
      [
        'nx-842/src/driver.ts',
        '  const new_devdata = kzalloc(nx842_devdata)\n  if (new_devdata === null) return -ENOMEM\n  new_devdata.counters = kzalloc(ibm_nx842_counters)\n  if (new_devdata.counters === null) {\n    kfree(new_devdata)\n    return -ENOMEM\n  }\n',
        '  const new_devdata = nx842_alloc_devdata()\n  if (new_devdata === null) return -ENOMEM\n',
      ],
      [
        'nx-842/src/driver.ts',
        'export function freshRegistrations(',
        'function nx842_alloc_devdata(): nx842_devdata | null {\n  const new_devdata = kzalloc(nx842_devdata)\n  if (new_devdata === null) return null\n  new_devdata.counters = kzalloc(ibm_nx842_counters)\n  if (new_devdata.counters !== null) return new_devdata\n  kfree(new_devdata)\n  return null\n}\n\nexport function freshRegistrations(',
      ],
    ],
  },
  {
    id: 'nx842-inline-condition',
    title: 'nx842_OF_notifier leaves the condition in its place out of a variable',
    edits: [
      [
        'nx-842/src/of-update.ts',
        '  if (concerned) nx842_OF_upd(upd.prop)\n  return NOTIFY_OK\n',
        '  if (!concerned) return NOTIFY_OK\n  nx842_OF_upd(upd.prop)\n  return NOTIFY_OK\n',
      ],
    ],
  },
  {
    id: 'nx-crypto-else-instead-of-return',
    title: 'nx_probe says with else what it said with return',
    edits: [
      [
        'nx-crypto/src/nx.ts',
        '    return -EINVAL\n  }\n  nx_driver.viodev = viodev\n  nx_of_init(viodev.dev, nx_driver.of)\n  return nx_register_algs()\n',
        '    return -EINVAL\n  } else {\n    nx_driver.viodev = viodev\n    nx_of_init(viodev.dev, nx_driver.of)\n    return nx_register_algs()\n  }\n',
      ],
    ],
  },
  {
    id: 'nx-crypto-local-variable',
    title: 'nx_of_init reads its property in the loop by a variable less',
    edits: [
      [
        'nx-crypto/src/nx-of.ts',
        '  const base_node = dev.of_node\n  for (const [name, update] of propertyReaders) {\n    const p = of_find_property(base_node, name)\n',
        '  for (const [name, update] of propertyReaders) {\n    const p = of_find_property(dev.of_node, name)\n',
      ],
    ],
  },
  {
    id: 'rng-local-variables',
    title: 'pseries_rng_probe and pseries_rng_remove name their generator',
    edits: [
      [
        'pseries-rng/src/pseries-rng.ts',
        '  return hwrng_register(rngState().pseries_rng)\n',
        '  const { pseries_rng } = rngState()\n  const rc = hwrng_register(pseries_rng)\n  return rc\n',
      ],
      [
        'pseries-rng/src/pseries-rng.ts',
        '  hwrng_unregister(rngState().pseries_rng)\n',
        '  const { pseries_rng } = rngState()\n  hwrng_unregister(pseries_rng)\n',
      ],
    ],
  },
  {
    id: 'kernel-early-return',
    title: 'kobject_get returns early for NULL',
    edits: [
      [
        'kernel/src/lib/kobject.ts',
        '  if (kobj !== null) {\n    WARN(\n      !kobj.state_initialized,\n',
        '  if (kobj === null) return kobj\n  {\n    WARN(\n      !kobj.state_initialized,\n',
      ],
    ],
  },
  {
    id: 'kernel-helper-leaves-kset',
    title: 'kobject_del takes the object out of sysfs in a helper',
    edits: [
      [
        'kernel/src/lib/kobject.ts',
        '  const { sd } = kobj\n  sysfs_remove_dir(kobj)\n  kernfs_put(sd)\n  kobj.state_in_sysfs = false\n',
        '  kobject_leave_sysfs(kobj)\n',
      ],
      [
        'kernel/src/lib/kobject.ts',
        'function kset_release(',
        'function kobject_leave_sysfs(kobj: kobject): void {\n  const { sd } = kobj\n  sysfs_remove_dir(kobj)\n  kernfs_put(sd)\n  kobj.state_in_sysfs = false\n}\n\nfunction kset_release(',
      ],
    ],
  },
]
