// SPDX-License-Identifier: GPL-2.0-only
import { crypto_alg } from '@pfo-workbench/kernel'
import {
  NX_FC_AES,
  NX_FC_SHA,
  NX_MODE_AES_CBC,
  NX_MODE_AES_CCM,
  NX_MODE_AES_CTR,
  NX_MODE_AES_ECB,
  NX_MODE_AES_GCM,
  NX_MODE_AES_XCBC_MAC,
  NX_MODE_SHA,
  NX_PROPS_SHA256,
  NX_PROPS_SHA512,
} from './nx-of.ts'

/** An algorithm of the driver and the limits that it needs. */
export interface NxAlgorithm {
  readonly alg: crypto_alg
  /** The interface of the crypto API that registers the algorithm. */
  readonly kind: 'cipher' | 'aead' | 'shash'
  readonly fc: number
  readonly mode: number
  /**
   * The limits checked before registration, and before unregistration after a failed one: one slot, or all three (-1).
   */
  readonly slot: number
  /** The limits that `nx_remove` checks before unregistration. v4.18 swaps the slots of the two SHA algorithms. */
  readonly removalSlot: number
}

function newAlgorithm(
  names: readonly [name: string, driverName: string],
  kind: NxAlgorithm['kind'],
  fc: number,
  mode: number,
  slots: readonly [slot: number, removalSlot: number] = [-1, -1],
): NxAlgorithm {
  return {
    alg: new crypto_alg(names[0], names[1], 300),
    kind,
    fc,
    mode,
    slot: slots[0],
    removalSlot: slots[1],
  }
}

/** The algorithms in order of registration by `nx_register_algs` (drivers/crypto/nx/nx.c, v4.18). */
export function nxAlgorithms(): readonly NxAlgorithm[] {
  return [
    newAlgorithm(['ecb(aes)', 'ecb-aes-nx'], 'cipher', NX_FC_AES, NX_MODE_AES_ECB),
    newAlgorithm(['cbc(aes)', 'cbc-aes-nx'], 'cipher', NX_FC_AES, NX_MODE_AES_CBC),
    newAlgorithm(['rfc3686(ctr(aes))', 'rfc3686-ctr-aes-nx'], 'cipher', NX_FC_AES, NX_MODE_AES_CTR),
    newAlgorithm(['gcm(aes)', 'gcm-aes-nx'], 'aead', NX_FC_AES, NX_MODE_AES_GCM),
    newAlgorithm(['rfc4106(gcm(aes))', 'rfc4106-gcm-aes-nx'], 'aead', NX_FC_AES, NX_MODE_AES_GCM),
    newAlgorithm(['ccm(aes)', 'ccm-aes-nx'], 'aead', NX_FC_AES, NX_MODE_AES_CCM),
    newAlgorithm(['rfc4309(ccm(aes))', 'rfc4309-ccm-aes-nx'], 'aead', NX_FC_AES, NX_MODE_AES_CCM),
    newAlgorithm(['sha256', 'sha256-nx'], 'shash', NX_FC_SHA, NX_MODE_SHA, [
      NX_PROPS_SHA256,
      NX_PROPS_SHA512,
    ]),
    newAlgorithm(['sha512', 'sha512-nx'], 'shash', NX_FC_SHA, NX_MODE_SHA, [
      NX_PROPS_SHA512,
      NX_PROPS_SHA256,
    ]),
    newAlgorithm(['xcbc(aes)', 'xcbc-aes-nx'], 'shash', NX_FC_AES, NX_MODE_AES_XCBC_MAC),
  ]
}
