// SPDX-License-Identifier: GPL-2.0-only
import type { KernelTree } from '@pfo-workbench/kernel-tree'

/**
 * Files that run as C if a tree has them. The list contains the names of all kernels from 4.18 on. A folder that ends
 * in `/` means all C files in it.
 */
const files: readonly string[] = [
  // The device tree, and the blob from which it is built.
  'drivers/of/',
  ...['fdt', 'fdt_ro', 'fdt_wip', 'fdt_rw', 'fdt_addresses'].map((name) => `lib/${name}.c`),
  // The platform: the code under test, and all listeners to device tree changes, because they take references.
  ...[
    'dlpar',
    'mobility',
    'reconfig',
    'vio',
    'of_helpers',
    'rng',
    'setup',
    'iommu',
    'hotplug-cpu',
    'vphn',
  ].map((name) => `arch/powerpc/platforms/pseries/${name}.c`),
  'arch/powerpc/kernel/firmware.c',
  'arch/powerpc/kernel/pci_dn.c',
  'arch/powerpc/kernel/prom_parse.c',
  'arch/powerpc/mm/numa.c',
  'arch/powerpc/mm/drmem.c',
  'arch/powerpc/mm/vphn.c',
  'kernel/dma/mapping.c',
  // Drivers.
  'drivers/crypto/nx/',
  'drivers/char/hw_random/pseries-rng.c',
  // Objects, references, lists and trees.
  ...['kobject', 'refcount', 'klist', 'kobject_uevent', 'llist', 'list_sort', 'sort', 'bsearch'].map(
    (name) => `lib/${name}.c`,
  ),
  ...['rbtree', 'idr', 'radix-tree', 'xarray', 'maple_tree', 'find_bit', 'bitmap', 'cpumask', 'hweight'].map(
    (name) => `lib/${name}.c`,
  ),
  'kernel/notifier.c',
  // Text.
  ...['vsprintf', 'string', 'string_helpers', 'ctype', 'kstrtox', 'hexdump', 'kasprintf', 'uuid'].map(
    (name) => `lib/${name}.c`,
  ),
  ...['cmdline', 'argv_split', 'seq_buf', 'siphash'].map((name) => `lib/${name}.c`),
  'mm/util.c',
  'fs/seq_file.c',
  // Devices and drivers.
  ...[
    'core',
    'bus',
    'dd',
    'driver',
    'class',
    'property',
    'devres',
    'init',
    'platform',
    'swnode',
    'faux',
    'auxiliary',
    'container',
    'cpu',
  ].map((name) => `drivers/base/${name}.c`),
  'drivers/base/power/',
  // sysfs.
  ...['dir', 'file', 'symlink', 'inode', 'mount'].map((name) => `fs/kernfs/${name}.c`),
  ...['dir', 'file', 'group', 'symlink', 'mount'].map((name) => `fs/sysfs/${name}.c`),
]

/** Paths of the C files in a tree that the engine runs, even if the configuration does not build them. */
export async function closureOf(tree: KernelTree): Promise<string[]> {
  const found: string[] = []
  for (const entry of files) {
    const folder = entry.slice(0, entry.lastIndexOf('/'))
    const names = await tree.list(folder)
    if (!entry.endsWith('/')) {
      if (names.includes(entry.slice(folder.length + 1))) found.push(entry)
      continue
    }
    found.push(...names.filter((name) => name.endsWith('.c')).map((name) => entry + name))
  }
  return found
}
