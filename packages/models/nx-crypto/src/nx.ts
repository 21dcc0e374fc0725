// SPDX-License-Identifier: GPL-2.0-only
import {
  crypto_register_alg,
  crypto_unregister_alg,
  dev_err,
  dev_warn,
  EINVAL,
  fileScope,
  followPointer,
  type crypto_alg,
  type device,
} from '@pfo-workbench/kernel'
import { vio_driver, vio_register_driver, vio_unregister_driver, type vio_dev } from '@pfo-workbench/vio'
import { nxAlgorithms, type NxAlgorithm } from './algorithms.ts'
import { NX_OF_FLAG_MASK_READY, nx_of, nx_of_init, NX_OKAY, NX_PAGE_SIZE } from './nx-of.ts'

/** `struct nx_crypto_driver` (drivers/crypto/nx/nx.h, v4.18), without statistics and debugfs. */
export class nx_crypto_driver {
  readonly of: nx_of = new nx_of()
  /** The only device. Holds no reference and is never cleared. */
  viodev: vio_dev | null = null
  readonly viodriver: vio_driver = new vio_driver({
    name: 'nx-crypto',
    id_table: [{ type: 'ibm,sym-encryption-v1', compat: 'ibm,sym-encryption' }],
    probe: nx_probe,
    remove: nx_remove,
  })
}

/** Static variables of the module. */
export interface NxState {
  nx_driver: nx_crypto_driver
  algorithms: readonly NxAlgorithm[]
}

/** Static variables of the module image (drivers/crypto/nx/nx.c, v4.18), initialised by each load. */
export const nxState: () => NxState = fileScope(freshImage)

/** The initial values in the module's file. */
export function freshImage(): NxState {
  return { nx_driver: new nx_crypto_driver(), algorithms: nxAlgorithms() }
}

/**
 * Models `nx_check_prop` (drivers/crypto/nx/nx.c, v4.18): true if a limit is valid. If not, it logs a warning, unless
 * `dev` is null.
 */
function nx_check_prop(dev: device | null, fc: number, mode: number, slot: number): boolean {
  const props = followPointer(nxState().nx_driver.of.ap[fc]?.[mode]?.[slot])
  if (props.sglen !== 0 && props.databytelen >= NX_PAGE_SIZE) return true
  if (dev !== null) {
    dev_warn(
      dev,
      'bogus sglen/databytelen for %u/%u/%u: %u/%u (ignored)\n',
      fc,
      mode,
      slot,
      props.sglen,
      props.databytelen,
    )
  }
  return false
}

/**
 * Models `nx_check_props` (drivers/crypto/nx/nx.c, v4.18): checks the limits of all three slots and stops at the first
 * invalid one. Returns true if all are valid.
 */
function nx_check_props(dev: device | null, fc: number, mode: number): boolean {
  return [0, 1, 2].every((slot) => nx_check_prop(dev, fc, mode, slot))
}

/** The device for warnings about invalid limits. */
function boundDevice(): device {
  return followPointer(nxState().nx_driver.viodev).dev
}

/**
 * Models `nx_register_alg` (drivers/crypto/nx/nx.c, v4.18). Returns 0, even if the algorithm is not registered because
 * a limit is invalid; or the error of the crypto API.
 */
function nx_register_alg(alg: crypto_alg, fc: number, mode: number): number {
  return nx_check_props(boundDevice(), fc, mode) ? crypto_register_alg(alg) : 0
}

/** Models `nx_register_aead` (drivers/crypto/nx/nx.c, v4.18). Returns the same values as `nx_register_alg`. */
function nx_register_aead(alg: crypto_alg, fc: number, mode: number): number {
  return nx_check_props(boundDevice(), fc, mode) ? crypto_register_alg(alg) : 0
}

/**
 * Models `nx_register_shash` (drivers/crypto/nx/nx.c, v4.18): needs valid limits of one slot, or of all slots if `slot`
 * is -1. Returns the same values as `nx_register_alg`.
 */
function nx_register_shash(alg: crypto_alg, fc: number, mode: number, slot: number): number {
  const dev = boundDevice()
  const good = slot >= 0 ? nx_check_prop(dev, fc, mode, slot) : nx_check_props(dev, fc, mode)
  return good ? crypto_register_alg(alg) : 0
}

function registerOne({ kind, alg, fc, mode, slot }: NxAlgorithm): number {
  if (kind === 'cipher') return nx_register_alg(alg, fc, mode)
  return kind === 'aead' ? nx_register_aead(alg, fc, mode) : nx_register_shash(alg, fc, mode, slot)
}

/**
 * Models `nx_unregister_alg` (drivers/crypto/nx/nx.c, v4.18): checks the limits again, because an algorithm with
 * invalid limits was not registered.
 */
function nx_unregister_alg(alg: crypto_alg, fc: number, mode: number): void {
  if (nx_check_props(null, fc, mode)) crypto_unregister_alg(alg)
}

/** Models `nx_unregister_aead` (drivers/crypto/nx/nx.c, v4.18). */
function nx_unregister_aead(alg: crypto_alg, fc: number, mode: number): void {
  if (nx_check_props(null, fc, mode)) crypto_unregister_alg(alg)
}

/** Models `nx_unregister_shash` (drivers/crypto/nx/nx.c, v4.18). */
function nx_unregister_shash(alg: crypto_alg, fc: number, mode: number, slot: number): void {
  const good = slot >= 0 ? nx_check_prop(null, fc, mode, slot) : nx_check_props(null, fc, mode)
  if (good) crypto_unregister_alg(alg)
}

function unregisterOne({ kind, alg, fc, mode }: NxAlgorithm, slot: number): void {
  if (kind === 'cipher') nx_unregister_alg(alg, fc, mode)
  else if (kind === 'aead') nx_unregister_aead(alg, fc, mode)
  else nx_unregister_shash(alg, fc, mode, slot)
}

/**
 * Models `nx_register_algs` (drivers/crypto/nx/nx.c, v4.18). If the registration of an algorithm fails, the algorithms
 * before it are unregistered, and the status stays `NX_OKAY`.
 *
 * @returns 0; -1 unless all three flags are set; or the error of the crypto API
 */
export function nx_register_algs(): number {
  const { nx_driver, algorithms } = nxState()
  if (nx_driver.of.flags !== NX_OF_FLAG_MASK_READY) return -1
  nx_driver.of.status = NX_OKAY
  for (const [index, one] of algorithms.entries()) {
    const rc = registerOne(one)
    if (rc === 0) continue
    for (const done of algorithms.slice(0, index).reverse()) unregisterOne(done, done.slot)
    return rc
  }
  return 0
}

/**
 * Models `nx_probe` (drivers/crypto/nx/nx.c, v4.18). Takes no reference on the device or its node. Stores the device
 * even if the probe fails.
 *
 * @returns 0; -EINVAL if the driver has or ever had a device; or the error of `nx_register_algs`
 */
export function nx_probe(viodev: vio_dev): number {
  const { nx_driver } = nxState()
  if (nx_driver.viodev !== null) {
    dev_err(viodev.dev, '%s: Attempt to register more than one instance of the hardware\n', 'nx_probe')
    return -EINVAL
  }
  nx_driver.viodev = viodev
  nx_of_init(viodev.dev, nx_driver.of)
  return nx_register_algs()
}

/**
 * Models `nx_remove` (drivers/crypto/nx/nx.c, v4.18). Clears neither the device nor its properties, so no device can be
 * bound until the module is reloaded.
 *
 * @returns always 0
 */
export function nx_remove(_viodev: vio_dev): number {
  const { nx_driver, algorithms } = nxState()
  if (nx_driver.of.status === NX_OKAY) {
    for (const one of [...algorithms].reverse()) unregisterOne(one, one.removalSlot)
  }
  return 0
}

/** Models `nx_init` (drivers/crypto/nx/nx.c, v4.18): 0, or the error of `vio_register_driver`. */
export function nx_init(): number {
  return vio_register_driver(nxState().nx_driver.viodriver)
}

/** Models `nx_fini` (drivers/crypto/nx/nx.c, v4.18). */
export function nx_fini(): void {
  vio_unregister_driver(nxState().nx_driver.viodriver)
}
