// SPDX-License-Identifier: GPL-2.0-only
import type { BadPatch } from './bad-patch.ts'

/** Mistakes in the bus, in drivers, and in code below them. */
export const driverPatches: readonly BadPatch[] = [
  {
    id: 'vio-without-get',
    title: 'vio_register_device_node takes no reference on the node of its device',
    edits: [
      ['vio/src/register.ts', 'viodev.dev.of_node = of_node_get(of_node)', 'viodev.dev.of_node = of_node'],
    ],
    finding: [
      'refcount',
      'counter-fault',
      '/ibm,platform-facilities/ibm,sym-encryption-v1[0] underflow',
      'lpm-twice-hierarchy',
    ],
  },
  {
    id: 'vio-takes-node-twice',
    title: 'vio_register_device_node takes a second reference on the node; the first is stolen as before',
    edits: [
      [
        'vio/src/register.ts',
        'viodev.dev.of_node = of_node_get(of_node)',
        'viodev.dev.of_node = of_node_get(of_node_get(of_node))',
      ],
    ],
    finding: [
      'leak',
      'reference-held',
      '/ibm,platform-facilities/ibm,random-v1[0] held by vio_register_device_node',
      'lpm-twice-hierarchy',
    ],
  },
  {
    id: 'vio-keeps-parent',
    title: 'vio_register_device_node keeps the reference on the parent',
    edits: [['vio/src/register.ts', '  of_node_put(parent_node)\n  return family\n', '  return family\n']],
    finding: [
      'leak',
      'reference-held',
      '/ibm,platform-facilities[0] held by vio_register_device_node',
      'lpm-once-hierarchy',
    ],
  },
  {
    id: 'vio-matches-no-facility',
    title: 'vio_bus_match refuses the devices of platform facilities',
    edits: [
      [
        'vio/src/bus.ts',
        '  return id_table !== null && vio_match_device(id_table, vio_dev) !== null\n',
        '  return id_table !== null && vio_dev.family !== PFO && vio_match_device(id_table, vio_dev) !== null\n',
      ],
      ['vio/src/bus.ts', 'import { to_vio_dev, to_vio_driver,', 'import { PFO, to_vio_dev, to_vio_driver,'],
    ],
    finding: ['lost-device', 'driver-not-bound', 'ibm,random-v1', 'lpm-once-hierarchy'],
  },
  {
    id: 'vio-scan-keeps-children',
    title: 'vio_bus_scan_register_devices takes a reference on each child that nobody drops',
    edits: [
      [
        'vio/src/register.ts',
        '  for (const node_child of for_each_child_of_node(node_root)) vio_register_device_node(node_child)\n',
        '  for (const node_child of for_each_child_of_node(node_root)) {\n    if (vio_register_device_node(node_child) === null) break\n    of_node_get(node_child)\n  }\n',
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
    id: 'rng-keeps-node',
    title: 'pseries_rng_probe takes a reference on the node that nobody drops',
    edits: [
      [
        'pseries-rng/src/pseries-rng.ts',
        'export function pseries_rng_probe(_dev: vio_dev): number {\n',
        'export function pseries_rng_probe(dev: vio_dev): number {\n  of_node_get(dev.dev.of_node)\n',
      ],
      [
        'pseries-rng/src/pseries-rng.ts',
        'import { vio_driver,',
        "import { of_node_get } from '@pfo-workbench/of'\nimport { vio_driver,",
      ],
    ],
    finding: [
      'leak',
      'reference-held',
      '/ibm,platform-facilities/ibm,random-v1[0] held by pseries_rng_probe',
      'driver-reload-after-lpm',
    ],
  },
  {
    id: 'rng-puts-node',
    title: 'pseries_rng_probe drops a reference on the node that is not its own',
    edits: [
      [
        'pseries-rng/src/pseries-rng.ts',
        'export function pseries_rng_probe(_dev: vio_dev): number {\n',
        'export function pseries_rng_probe(dev: vio_dev): number {\n  of_node_put(dev.dev.of_node)\n',
      ],
      [
        'pseries-rng/src/pseries-rng.ts',
        'import { vio_driver,',
        "import { of_node_put } from '@pfo-workbench/of'\nimport { vio_driver,",
      ],
    ],
    finding: [
      'refcount',
      'stolen-reference',
      '/ibm,platform-facilities/ibm,random-v1[0] stolen from vio_register_device_node',
      'driver-reload-after-lpm',
    ],
  },
  {
    id: 'rng-stays-registered',
    title: 'pseries_rng_remove leaves the generator registered',
    edits: [
      ['pseries-rng/src/pseries-rng.ts', '  hwrng_unregister(rngState().pseries_rng)\n', ''],
      ['pseries-rng/src/pseries-rng.ts', '  hwrng_unregister,\n', ''],
    ],
    finding: ['lost-device', 'driver-not-bound', 'ibm,random-v1', 'driver-reload-after-lpm'],
  },
  {
    id: 'nx-crypto-leaves-one-out',
    title: 'nx_register_algs leaves one algorithm out',
    edits: [
      [
        'nx-crypto/src/nx.ts',
        '    const rc = registerOne(one)\n',
        "    const rc = one.alg.cra_driver_name === 'xcbc-aes-nx' ? 0 : registerOne(one)\n",
      ],
    ],
    finding: ['lost-service', 'service-missing', 'crypto xcbc-aes-nx', 'lpm-once-hierarchy'],
  },
  {
    id: 'nx842-queues-work-at-exit',
    title: 'nx842_pseries_exit queues work that runs when the module is gone',
    edits: [
      [
        'nx-842/src/driver.ts',
        '/** Models `nx842_get_desired_dma`',
        "/** Says good-bye. */\nfunction nx842_say_bye(): void {\n  pr_info('bye\\n')\n}\n\n/** Models `nx842_get_desired_dma`",
      ],
      [
        'nx-842/src/driver.ts',
        '  vio_unregister_driver(registrations().nx842_vio_driver)\n}',
        "  vio_unregister_driver(registrations().nx842_vio_driver)\n  schedule_work(new work_struct(nx842_say_bye, 'bye'))\n}",
      ],
      ['nx-842/src/driver.ts', '  spin_lock_irqsave,\n', '  schedule_work,\n  spin_lock_irqsave,\n'],
      ['nx-842/src/driver.ts', '  sysfs_remove_group,\n', '  sysfs_remove_group,\n  work_struct,\n'],
    ],
    finding: ['left-over', 'work-run', 'nx842_say_bye', 'driver-reload-after-lpm'],
  },
  {
    id: 'nx842-frees-its-data',
    title: 'nx842_probe frees the data of the device that it has just published',
    edits: [
      [
        'nx-842/src/driver.ts',
        '  synchronize_rcu()\n  kfree(old_devdata)\n\n  of_reconfig',
        '  synchronize_rcu()\n  kfree(old_devdata)\n  kfree(new_devdata)\n\n  of_reconfig',
      ],
    ],
    finding: ['use-after-free', 'touched-after-free', /^nx842_devdata#\d+$/, 'lpm-once-hierarchy'],
  },
  {
    id: 'nx842-frees-old-data-twice',
    title: 'nx842_OF_upd frees the data before twice',
    edits: [
      [
        'nx-842/src/of-update.ts',
        '  kfree(old_devdata)\n  return ret\n',
        '  kfree(old_devdata)\n  kfree(old_devdata)\n  return ret\n',
      ],
    ],
    finding: ['use-after-free', 'freed-again', /^nx842_devdata#\d+$/, 'lpm-once-hierarchy'],
  },
  {
    id: 'nx842-allocates-under-lock',
    title: 'nx842_OF_upd allocates under its spinlock',
    edits: [
      [
        'nx-842/src/of-update.ts',
        '  const new_devdata = kzalloc(nx842_devdata)\n  if (new_devdata === null) return -ENOMEM\n\n  spin_lock_irqsave(state.devdata_mutex)\n',
        '  spin_lock_irqsave(state.devdata_mutex)\n  const new_devdata = kzalloc(nx842_devdata)\n  if (new_devdata === null) {\n    spin_unlock_irqrestore(state.devdata_mutex)\n    return -ENOMEM\n  }\n',
      ],
    ],
    finding: ['sleep-in-atomic', 'may-sleep', 'kzalloc', 'lpm-once-hierarchy'],
  },
  {
    id: 'nx842-keeps-lock',
    title: 'nx842_probe returns with its lock held',
    edits: [
      [
        'nx-842/src/driver.ts',
        '  state.devdata = new_devdata\n  spin_unlock_irqrestore(state.devdata_mutex)\n  synchronize_rcu()',
        '  state.devdata = new_devdata\n  synchronize_rcu()',
      ],
    ],
    finding: ['deadlock', 'waits-forever', 'devdata_mutex', 'lpm-once-hierarchy'],
  },
  {
    id: 'nx842-locks-twice',
    title: 'nx842_OF_upd takes the lock that it holds',
    edits: [
      [
        'nx-842/src/of-update.ts',
        '  copyDevdata(new_devdata, old_devdata)\n',
        '  spin_lock_irqsave(state.devdata_mutex)\n  copyDevdata(new_devdata, old_devdata)\n',
      ],
    ],
    finding: ['deadlock', 'waits-forever', 'devdata_mutex', 'lpm-once-hierarchy'],
  },
  {
    id: 'nx-probe-follows-null',
    title: 'nx_probe reads the device before it knows it',
    edits: [
      [
        'nx-crypto/src/nx.ts',
        '  nx_driver.viodev = viodev\n  nx_of_init(viodev.dev, nx_driver.of)\n',
        '  nx_of_init(boundDevice(), nx_driver.of)\n  nx_driver.viodev = viodev\n',
      ],
    ],
    finding: ['oops', 'task-killed', 'nx_probe', 'lpm-once-hierarchy'],
  },
  {
    id: 'kobject-add-without-parent-get',
    title: 'kobject_add_internal takes no reference on the parent',
    edits: [
      [
        'kernel/src/lib/kobject.ts',
        '  let parent = kobject_get(kobj.parent)\n',
        '  let parent = kobj.parent\n',
      ],
    ],
    finding: ['refcount', 'counter-fault', '/ibm,platform-facilities[0] underflow', 'lpm-once-hierarchy'],
  },
  {
    id: 'kobject-del-keeps-parent',
    title: 'kobject_del keeps the reference on the parent',
    edits: [
      [
        'kernel/src/lib/kobject.ts',
        '  kobj_kset_leave(kobj)\n  kobject_put(kobj.parent)\n  kobj.parent = null\n}',
        '  kobj_kset_leave(kobj)\n  kobj.parent = null\n}',
      ],
    ],
    finding: [
      'leak',
      'reference-held',
      '/ibm,platform-facilities[0] held by kobject_add_internal',
      'lpm-once-hierarchy',
    ],
  },
  {
    id: 'unbind-keeps-device',
    title: 'unbind_store keeps the reference of its lookup',
    edits: [
      [
        'kernel/src/drivers/base/bus.ts',
        '  if (dev !== null && isBound) device_release_driver(dev)\n  put_device(dev)\n',
        '  if (dev !== null && isBound) device_release_driver(dev)\n',
      ],
    ],
    finding: ['leak', 'reference-held', 'device ibm,random-v1[0] held by unbind_store', 'bind-unbind'],
  },
]
