// SPDX-License-Identifier: GPL-2.0-only
import type { KernelFacts } from './kernel-facts.ts'

/**
 * Facts that hold for Linux since 4.18 on a pseries partition, on any engine. An engine adds facts that hold only for
 * its kernel.
 * Names are from lib/kobject.c, lib/refcount.c, drivers/of/{base,kobj,dynamic}.c,
 * arch/powerpc/platforms/pseries/{dlpar,reconfig,vio}.c, drivers/base/{bus,dd}.c, kernel/module.c and
 * drivers/{crypto/nx,char/hw_random}.
 */
export const linuxFacts: KernelFacts = {
  roles: {
    kobject_init: 'counter',
    kobject_get: 'counter',
    kobject_put: 'counter',
    of_node_get: 'counter',
    of_node_put: 'counter',
    'refcount_*': 'counter',
    'kobject_init*': 'acts-for-caller',
    'kobject_get*': 'acts-for-caller',
    'kobject_put*': 'acts-for-caller',
    'kref_*': 'acts-for-caller',
    'of_node_get*': 'acts-for-caller',
    'of_node_put*': 'acts-for-caller',
    'of_get_*': 'acts-for-caller',
    '__of_get_*': 'acts-for-caller',
    '__of_find_*': 'acts-for-caller',
    'get_device*': 'acts-for-caller',
    'put_device*': 'acts-for-caller',
    'of_find_*': 'finder',
    'of_parse_phandle*': 'finder',
    '__of_parse_phandle*': 'acts-for-caller',
    kzalloc: 'allocator',
    kmalloc: 'allocator',
    kmemdup: 'allocator',
    kstrdup: 'allocator',
    kfree: 'allocator',
    memblock_alloc: 'allocator',
    warn_slowpath_fmt: 'reporter',
    WARN: 'reporter',
    WARN_ON: 'reporter',
    WARN_ONCE: 'reporter',
    printk: 'reporter',
    'pr_*': 'reporter',
    'dev_*': 'reporter',
    dump_stack: 'reporter',
    of_node_init: 'initializer',
    dlpar_configure_connector: 'firmware-fetch',
    of_changeset_action: 'changeset-entry',
    ofdt_write: 'tree-edit',
    unbind_store: 'unbind-request',
    really_probe: 'probe',
    do_init_module: 'module-init',
    delete_module: 'module-exit',
  },
  dropsFor: {
    __of_detach_node_sysfs: ['of_node_init'],
    kobject_del: ['kobject_add_internal'],
    vio_dev_release: ['vio_register_device_node'],
    of_changeset_destroy: ['of_changeset_action'],
  },
  platformFacilities: '/ibm,platform-facilities',
  moduleOf: {
    'ibm,random-v1': 'pseries_rng',
    'ibm,compression-v1': 'nx_compress_pseries',
    'ibm,sym-encryption-v1': 'nx_crypto',
  },
  servicesOf: {
    pseries_rng: ['hwrng pseries_rng'],
    nx_compress_pseries: ['crypto 842-nx'],
    'nx-crypto': [
      'ecb-aes-nx',
      'cbc-aes-nx',
      'rfc3686-ctr-aes-nx',
      'gcm-aes-nx',
      'rfc4106-gcm-aes-nx',
      'ccm-aes-nx',
      'rfc4309-ccm-aes-nx',
      'sha256-nx',
      'sha512-nx',
      'xcbc-aes-nx',
    ].map((name) => `crypto ${name}`),
  },
}
