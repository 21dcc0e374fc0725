// SPDX-License-Identifier: GPL-2.0-only
import { ENODEV, fileScope, pr_info } from '@pfo-workbench/kernel'
import { of_find_compatible_node } from '@pfo-workbench/of'

const ppc_md = fileScope(() => ({ get_random_seed: null as (() => number) | null }))

/**
 * Models `pseries_get_random_long` (arch/powerpc/platforms/pseries/rng.c, v4.18), the platform's random hook: a
 * hypercall that never reads the device tree.
 */
function pseries_get_random_long(): number {
  return 1
}

/**
 * Models `rng_init` (arch/powerpc/platforms/pseries/rng.c, v4.18); not the hw_random driver.
 *
 * References: +1 on the first compatible node, leaked.
 *
 * @returns 0, or -ENODEV without such a node
 */
export function rng_init(): number {
  const dn = of_find_compatible_node(null, null, 'ibm,random')
  if (dn === null) return -ENODEV
  pr_info('pseries-rng: Registering arch random hook.\n')
  ppc_md().get_random_seed = pseries_get_random_long
  return 0
}
