// SPDX-License-Identifier: GPL-2.0-only
import type { Proposal } from './proposal.ts'

const nx842 = ['drivers/crypto/nx/nx-842-pseries.c', 'drivers/crypto/nx/nx-common-pseries.c']
const rng = ['arch/powerpc/platforms/pseries/rng.c']
const nxCrypto = ['drivers/crypto/nx/nx.c']

/** Proposals for drivers, and for what the platform has in the place of one. */
export const driverProposals: readonly Proposal[] = [
  {
    id: 'driver-puts',
    subject: 'crypto: nx - Put the node that nx842_pseries_init() looks up',
    message: `nx842_pseries_init() only asks whether there is such a node, and keeps the
reference that it gets.`,
    inKernel: {
      paths: nx842,
      at: { function: 'nx842_pseries_init', statement: /of_node_put\(/ },
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
    message: `rng_init() only asks whether there is such a node, and keeps the reference that
it gets.`,
    inKernel: {
      paths: rng,
      at: { function: 'pseries_rng_init', statement: /of_node_put\(/ },
      why: 'pseries_rng_init() puts it',
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
    message: `nx_probe() refuses a device if there was one before, and nx_remove() does not say
that there is none any more: after an unbind no device can be bound.`,
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
    message: `nx842_pseries_exit() takes devdata away before it unregisters the driver:
nx842_remove() finds none, and nobody frees the counters.`,
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
]
