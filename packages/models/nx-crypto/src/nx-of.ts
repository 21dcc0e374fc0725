// SPDX-License-Identifier: GPL-2.0-only
import {
  be32_to_cpup,
  currentMachine,
  dev_err,
  dev_info,
  dev_warn,
  followPointer,
  le32_to_cpup,
  strncmp,
  type cstr,
  type device,
  type property,
} from '@pfo-workbench/kernel'
import { of_find_property } from '@pfo-workbench/of'

/** AES: a function code of the coprocessor (drivers/crypto/nx/nx_csbcpb.h, v4.18). */
export const NX_FC_AES = 0
/** SHA (drivers/crypto/nx/nx_csbcpb.h, v4.18). */
export const NX_FC_SHA = 2
/** AES with HMAC (drivers/crypto/nx/nx_csbcpb.h, v4.18). */
export const NX_FC_AES_HMAC = 6
const NX_MAX_FC: number = NX_FC_AES_HMAC + 1

/** Electronic codebook: a mode of AES (drivers/crypto/nx/nx_csbcpb.h, v4.18). */
export const NX_MODE_AES_ECB = 0
/** Cipher block chaining (drivers/crypto/nx/nx_csbcpb.h, v4.18). */
export const NX_MODE_AES_CBC = 1
/** Galois/counter mode (drivers/crypto/nx/nx_csbcpb.h, v4.18). */
export const NX_MODE_AES_GCM = 4
/** Counter with CBC-MAC (drivers/crypto/nx/nx_csbcpb.h, v4.18). */
export const NX_MODE_AES_CCM = 6
/** Counter mode (drivers/crypto/nx/nx_csbcpb.h, v4.18). */
export const NX_MODE_AES_CTR = 7
/** XCBC-MAC (drivers/crypto/nx/nx_csbcpb.h, v4.18). */
export const NX_MODE_AES_XCBC_MAC = 20
/** The only mode of SHA (drivers/crypto/nx/nx_csbcpb.h, v4.18). */
export const NX_MODE_SHA = 0
const NX_MAX_MODE: number = NX_MODE_AES_XCBC_MAC + 1

/**
 * Slot of SHA-256 in the limits of a function and mode; slots are key or digest sizes (drivers/crypto/nx/nx_csbcpb.h,
 * v4.18).
 */
export const NX_PROPS_SHA256 = 1
/** SHA-512 (drivers/crypto/nx/nx_csbcpb.h, v4.18). */
export const NX_PROPS_SHA512 = 2
const slotCount = 3

/** Minimum data size for a valid limit, in bytes (drivers/crypto/nx/nx.h, v4.18). */
export const NX_PAGE_SIZE = 4096

/** The node does not allow use, or was not read yet (`enum nx_status`, drivers/crypto/nx/nx.h, v4.18). */
export const NX_DISABLED = 0
/** Allowed by the node; registration of the algorithms has not begun (drivers/crypto/nx/nx.h, v4.18). */
export const NX_WAITING = 1
/** Registration of the algorithms has begun. The status stays even if it fails (drivers/crypto/nx/nx.h, v4.18). */
export const NX_OKAY = 2

/** "ibm,max-sg-len" was valid (`nx_of.flags`; drivers/crypto/nx/nx.h, v4.18). */
export const NX_OF_FLAG_MAXSGLEN_SET = 1
/** "status" was valid (drivers/crypto/nx/nx.h, v4.18). */
export const NX_OF_FLAG_STATUS_SET = 2
/** "ibm,max-sync-cop" was read, even if every limit in it was ignored (drivers/crypto/nx/nx.h, v4.18). */
export const NX_OF_FLAG_MAXSYNCCOP_SET = 4
/** All three flags (drivers/crypto/nx/nx.h, v4.18). */
export const NX_OF_FLAG_MASK_READY = 7

/**
 * `struct alg_props` (drivers/crypto/nx/nx.h, v4.18): maximum data size (bytes) and scatterlist entries of one
 * operation.
 */
export interface alg_props {
  databytelen: number
  sglen: number
}

/** `struct nx_of` (drivers/crypto/nx/nx.h, v4.18): the properties of the device's node. */
export class nx_of {
  flags = 0
  /** In bytes. */
  max_sg_len = 0
  status: number = NX_DISABLED
  /** By function code, mode and slot. */
  readonly ap: readonly (readonly (readonly alg_props[])[])[] = Array.from({ length: NX_MAX_FC }, () =>
    Array.from({ length: NX_MAX_MODE }, () =>
      Array.from({ length: slotCount }, () => ({ databytelen: 0, sglen: 0 })),
    ),
  )
}

/** A cell of a property as this driver reads it: in the byte order of the kernel, not of the tree. */
function hostCell(value: cstr, index: number): number {
  return currentMachine().config.endian === 'little' ? le32_to_cpup(value, index) : be32_to_cpup(value, index)
}

/**
 * Models `nx_of_update_status` (drivers/crypto/nx/nx.c, v4.18): "okay" sets NX_WAITING, so that the algorithms can be
 * registered. Any other status is logged and changes nothing.
 */
export function nx_of_update_status(dev: device, p: property, props: nx_of): void {
  const value = followPointer(p.value)
  if (strncmp(value, 'okay', p.length) !== 0) {
    dev_info(dev, "%s: status '%s' is not 'okay'\n", 'nx_of_update_status', value)
    return
  }
  props.status = NX_WAITING
  props.flags |= NX_OF_FLAG_STATUS_SET
}

/**
 * Models `nx_of_update_sglen` (drivers/crypto/nx/nx.c, v4.18): expects one cell; otherwise logs an error and sets no
 * flag.
 */
export function nx_of_update_sglen(dev: device, p: property, props: nx_of): void {
  if (p.length !== 4) {
    dev_err(dev, '%s: unexpected format for ibm,max-sg-len property\n', 'nx_of_update_sglen')
    return
  }
  props.max_sg_len = hostCell(followPointer(p.value), 0)
  props.flags |= NX_OF_FLAG_MAXSGLEN_SET
}

/**
 * Returns the slot for a key or digest size in bits; undefined for an unknown size, and for 256 bits with an unknown
 * function code.
 */
function slotOf(fc: number, keybitlen: number): number | undefined {
  switch (keybitlen) {
    case 128:
    case 160:
      return 0
    case 192:
      return 1
    case 256:
      if (fc === NX_FC_AES) return 2
      return fc === NX_FC_AES_HMAC || fc === NX_FC_SHA ? NX_PROPS_SHA256 : undefined
    case 512:
      return NX_PROPS_SHA512
    default:
      return undefined
  }
}

/** Stores one limit of the list, or logs why it is ignored. */
function storeLimit(dev: device, props: nx_of, fc: number, mode: number, limit: readonly number[]): void {
  const [keybitlen = 0, databytelen = 0, sglen = 0] = limit
  const slots = props.ap[fc]?.[mode]
  if (slots === undefined) {
    dev_err(dev, 'unknown function code/mode combo: %d/%d (ignored)\n', fc, mode)
    return
  }
  if (sglen === 0 || databytelen < NX_PAGE_SIZE) {
    dev_warn(dev, 'bogus sglen/databytelen: %u/%u (ignored)\n', sglen, databytelen)
    return
  }
  const slot = slotOf(fc, keybitlen)
  const entry = slot === undefined ? undefined : slots[slot]
  if (entry === undefined) {
    dev_warn(dev, 'unknown function code/key bit len combo: (%u/%u)\n', fc, keybitlen)
    return
  }
  entry.databytelen = databytelen
  entry.sglen = sglen
}

/**
 * Models `nx_of_update_msc` (drivers/crypto/nx/nx.c, v4.18). The list has: function code, mode, n, then n times (key
 * bits, bytes, scatterlist entries). The list ends where the property ends; an incomplete entry is ignored. Sets the
 * flag in every case.
 *
 * @param p - "ibm,max-sync-cop"
 */
export function nx_of_update_msc(dev: device, p: property, props: nx_of): void {
  const value = followPointer(p.value)
  const cells = Math.floor(p.length / 4)
  let at = 0
  while (at + 3 <= cells) {
    const [fc, mode, triplets] = [hostCell(value, at), hostCell(value, at + 1), hostCell(value, at + 2)]
    at += 3
    for (let i = 0; i < triplets && at + 3 <= cells; i++, at += 3) {
      const limit = [hostCell(value, at), hostCell(value, at + 1), hostCell(value, at + 2)]
      storeLimit(dev, props, fc, mode, limit)
    }
  }
  props.flags |= NX_OF_FLAG_MAXSYNCCOP_SET
}

/**
 * Models `nx_of_init` (drivers/crypto/nx/nx.c, v4.18): reads the three properties of the device's node once, and logs
 * each missing one. The driver has no notifier, so it misses later changes. Takes no reference on the node.
 */
export function nx_of_init(dev: device, props: nx_of): void {
  const base_node = dev.of_node
  for (const [name, update] of propertyReaders) {
    const p = of_find_property(base_node, name)
    if (p === null) dev_info(dev, "%s: property '%s' not found\n", 'nx_of_init', name)
    else update(dev, p, props)
  }
}

const propertyReaders: readonly (readonly [string, (dev: device, p: property, props: nx_of) => void])[] = [
  ['status', nx_of_update_status],
  ['ibm,max-sg-len', nx_of_update_sglen],
  ['ibm,max-sync-cop', nx_of_update_msc],
]
