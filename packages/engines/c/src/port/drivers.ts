// SPDX-License-Identifier: GPL-2.0-only
import type { Proposal } from './proposal.ts'

const nx842 = ['drivers/crypto/nx/nx-842-pseries.c', 'drivers/crypto/nx/nx-common-pseries.c']
const rng = ['arch/powerpc/platforms/pseries/rng.c']
const nxCrypto = ['drivers/crypto/nx/nx.c']

/** Proposals for drivers, and for platform code that acts as a driver. */
export const driverProposals: readonly Proposal[] = [
  {
    id: 'driver-puts',
    subject: 'crypto: nx - Put the node that nx842_pseries_init() looks up',
    message: `nx842_pseries_init() only checks that the node exists, but keeps the reference
from the lookup.`,
    inKernel: {
      paths: nx842,
      at: [{ function: 'nx842_pseries_init', statement: /of_node_put\(/ }],
      why: 'nx842_pseries_init() puts it',
    },
    ways: [
      [
        {
          paths: nx842,
          edits: [
            {
              place: 'after',
              at: {
                function: 'nx842_pseries_init',
                statement: /\tstruct nx842_devdata \*new_devdata;\n/,
              },
              lines: '\tstruct device_node *np;\n',
            },
            {
              place: 'instead',
              at: {
                function: 'nx842_pseries_init',
                statement:
                  /\tif \(!of_find_compatible_node\(NULL, NULL, "ibm,compression"\)\)\n\t\treturn -ENODEV;\n/,
              },
              lines: `	np = of_find_compatible_node(NULL, NULL, "ibm,compression");
	if (!np)
		return -ENODEV;
	of_node_put(np);
`,
            },
          ],
        },
      ],
    ],
  },
  {
    id: 'rng-put',
    subject: 'powerpc/pseries: Put the node that the setup of the RNG looks up',
    message: `rng_init() only checks that the node exists, but keeps the reference from the
lookup.`,
    inKernel: {
      paths: rng,
      // pseries_rng_init() since v5.19.
      at: ['rng_init', 'pseries_rng_init'].map((name) => ({ function: name, statement: /of_node_put\(/ })),
      why: 'the setup puts it',
    },
    ways: [
      [
        {
          paths: rng,
          edits: [
            {
              place: 'after',
              at: {
                function: 'rng_init',
                statement: /\tppc_md\.get_random_seed = pseries_get_random_long;\n/,
              },
              lines: '\tof_node_put(dn);\n',
            },
          ],
        },
      ],
    ],
  },
  {
    id: 'nx-crypto-forget-device',
    subject: 'crypto: nx - Forget the device in nx_remove()',
    message: `nx_probe() refuses a device if the driver already has one, and nx_remove() does
not clear the pointer to the device. So no device can be bound after an unbind.`,
    ways: [
      [
        {
          paths: nxCrypto,
          edits: [
            {
              place: 'before',
              at: { function: 'nx_remove', statement: /^\}$/m },
              lines: `
	memset(&nx_driver.of, 0, sizeof(nx_driver.of));
	nx_driver.viodev = NULL;
`,
            },
          ],
        },
      ],
    ],
  },
  {
    id: 'nx842-free-counters',
    subject: 'crypto: nx - Free the counters of nx-842 on module exit',
    message: `nx842_pseries_exit() clears devdata before it unregisters the driver. So
nx842_remove() finds no devdata, and the counters are leaked.`,
    ways: [
      [
        {
          paths: nx842,
          edits: [
            {
              place: 'before',
              at: { function: 'nx842_pseries_exit', statement: /\tkfree\(old_devdata\);\n/ },
              lines: '\tif (old_devdata)\n\t\tkfree(old_devdata->counters);\n',
            },
          ],
        },
      ],
    ],
  },
  {
    id: 'nx842-take-updates',
    subject: 'crypto: nx - Let property updates through in nx842_OF_upd()',
    message: `nx842_OF_upd() should ignore changes of properties that it does not use. But it
ignores a change if the name differs from any one of the three properties that it
uses, so it ignores all changes. Ignore only properties that are none of them.`,
    inKernel: {
      paths: nx842,
      at: [{ function: 'nx842_OF_upd', statement: /strcmp\(new_prop->name, "status"\) &&/ }],
      why: 'nx842_OF_upd() accepts the properties that it uses',
    },
    ways: [
      [
        {
          paths: nx842,
          edits: [
            {
              place: 'instead',
              at: {
                function: 'nx842_OF_upd',
                statement: /\tif \(new_prop && \(strncmp\(new_prop->name, "status"[^]*?\n\t\tgoto out;\n/,
              },
              lines: `	if (new_prop && strcmp(new_prop->name, "status") &&
	    strcmp(new_prop->name, "ibm,max-sg-len") &&
	    strcmp(new_prop->name, "ibm,max-sync-cop"))
		goto out;
`,
            },
          ],
        },
      ],
    ],
  },
  {
    id: 'nx842-notifier-outside-probe',
    subject: 'crypto: nx - Keep the reconfig notifier of nx-842 out of probe and remove',
    message: `nx842_probe() registers a reconfig notifier and nx842_remove() unregisters it. If
a callback of that chain adds or removes the device, this deadlocks.
nx842_remove() also does it under a spinlock. Register the notifier when the
module is loaded, unregister it when the module is unloaded, and let the notifier
check that there is a device.`,
    inKernel: {
      paths: nx842,
      at: [{ function: 'nx842_pseries_init', statement: /of_reconfig_notifier_register\(/ }],
      why: 'nx842_pseries_init() registers the notifier',
    },
    ways: [
      [
        {
          paths: nx842,
          edits: [
            {
              place: 'instead',
              at: {
                function: 'nx842_OF_notifier',
                statement: /\tif \(local_devdata\)\n\t\tnode = local_devdata->dev->of_node;\n/,
              },
              lines: `	if (local_devdata && local_devdata->dev)
		node = local_devdata->dev->of_node;
`,
            },
            {
              place: 'instead',
              at: { function: 'nx842_OF_notifier', statement: /\tif \(local_devdata &&\n/ },
              lines: '\tif (node &&\n',
            },
            {
              place: 'instead',
              at: {
                function: 'nx842_probe',
                statement: /\tof_reconfig_notifier_register\(&nx842_of_nb\);\n\n/,
              },
              lines: '',
            },
            {
              place: 'instead',
              at: {
                function: 'nx842_remove',
                statement: /\tof_reconfig_notifier_unregister\(&nx842_of_nb\);\n/,
              },
              lines: '',
            },
            {
              place: 'after',
              at: {
                function: 'nx842_pseries_init',
                statement:
                  /\tret = vio_register_driver\(&nx842_vio_driver\);\n\tif \(ret\) \{\n[^}]*\n\t\}\n/,
              },
              lines: '\n\tof_reconfig_notifier_register(&nx842_of_nb);\n',
            },
            {
              place: 'after',
              at: { function: 'nx842_pseries_exit', statement: /\tunsigned long flags;\n/ },
              lines: '\n\tof_reconfig_notifier_unregister(&nx842_of_nb);\n',
            },
          ],
        },
      ],
    ],
  },
]
