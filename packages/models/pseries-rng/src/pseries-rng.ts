// SPDX-License-Identifier: GPL-2.0-only
import {
  fileScope,
  hwrng,
  hwrng_register,
  hwrng_unregister,
  pr_info,
  type Module,
} from '@pfo-workbench/kernel'
import { vio_driver, vio_register_driver, vio_unregister_driver, type vio_dev } from '@pfo-workbench/vio'

/** File-scope variables of drivers/char/hw_random/pseries-rng.c, one set per booted machine. */
const rngState = fileScope(() => ({
  pseries_rng: new hwrng('pseries_rng'),
  pseries_rng_driver: new vio_driver({
    name: 'pseries_rng',
    id_table: [{ type: 'ibm,random-v1', compat: 'ibm,random' }],
    probe: pseries_rng_probe,
    remove: pseries_rng_remove,
    get_desired_dma: pseries_rng_get_desired_dma,
  }),
}))

/**
 * Models `pseries_rng_get_desired_dma` (drivers/char/hw_random/pseries-rng.c, v4.18).
 *
 * @returns always 0: the driver maps no DMA memory
 */
function pseries_rng_get_desired_dma(): number {
  return 0
}

/**
 * Models `pseries_rng_probe` (drivers/char/hw_random/pseries-rng.c, v4.18). Uses neither the device nor its node, and
 * takes no reference.
 *
 * @returns 0, or -EEXIST if a generator of that name is registered
 */
export function pseries_rng_probe(_dev: vio_dev): number {
  return hwrng_register(rngState().pseries_rng)
}

/**
 * Models `pseries_rng_remove` (drivers/char/hw_random/pseries-rng.c, v4.18): unregisters the generator.
 *
 * @returns always 0
 */
export function pseries_rng_remove(_dev: vio_dev): number {
  hwrng_unregister(rngState().pseries_rng)
  return 0
}

/**
 * Models `rng_init` (drivers/char/hw_random/pseries-rng.c, v4.18): 0, or the error of
 * `vio_register_driver`.
 */
export function rng_init(): number {
  pr_info('pseries_rng: Registering IBM pSeries RNG driver\n')
  return vio_register_driver(rngState().pseries_rng_driver)
}

/** Models `rng_exit` (drivers/char/hw_random/pseries-rng.c, v4.18). */
export function rng_exit(): void {
  vio_unregister_driver(rngState().pseries_rng_driver)
}

/** The pseries-rng driver for `bootMachine`. */
export const pseriesRngModule: Module = {
  name: 'pseries_rng',
  init: rng_init,
  exit: rng_exit,
}
