// SPDX-License-Identifier: GPL-2.0-only
import { cells, type Endian, stringValue } from './bytes.ts'
import type { FirmwareNode, FirmwareProperty } from './firmware-node.ts'

/** Function code and mode of the coprocessor's symmetric ciphers and hashes. */
const CIPHER_MODES = [0, 1, 4, 6, 7, 20].map((mode) => [0, mode] as const)
const HASH_MODE = [2, 0] as const

/** Limits of one request: bytes, and scatterlist entries. */
const SYNC_COP_LIMITS = [65536, 510] as const

/**
 * `/ibm,platform-facilities` as on PowerVM, with its three facilities: phandles, DRC indexes, properties and their
 * order. The property "name" is omitted; the sender of the node adds it.
 *
 * @param endian - byte order of `ibm,max-sg-len` and `ibm,max-sync-cop` of sym-encryption, which nx-crypto reads in
 * host order
 */
export function platformFacilities(endian: Endian = 'little'): FirmwareNode {
  return {
    name: 'ibm,platform-facilities',
    drcIndex: 0x50000000,
    properties: properties({
      device_type: stringValue('ibm,platform-facilities'),
      '#address-cells': cells([1]),
      '#size-cells': cells([0]),
      'ibm,phandle': cells([0xfffffff6]),
    }),
    children: [
      facility('random', 1, {}),
      facility('compression', 2, {
        'ibm,max-sg-len': cells([0xff0]),
        'ibm,max-sync-cop': cells([1, 0x1000, 0x1fe, 1, 0x1000, 0x1fe]),
      }),
      facility('sym-encryption', 3, {
        'ibm,max-sg-len': cells([0xff0], endian),
        'ibm,max-sync-cop': cells(symEncryptionLimits(), endian),
      }),
    ],
  }
}

function facility(what: string, resource: number, limits: Record<string, Uint8Array>): FirmwareNode {
  return {
    name: `ibm,${what}-v1`,
    drcIndex: 0x50000000 + resource,
    properties: properties({
      compatible: stringValue(`ibm,${what}`),
      status: stringValue('okay'),
      'ibm,resource-id': cells([resource]),
      'ibm,shared-interrupt-pool': cells([0x1000]),
      ...limits,
      'ibm,phandle': cells([0xfffffff6 - resource]),
    }),
    children: [],
  }
}

/** `ibm,max-sync-cop` of sym-encryption: three key lengths in bits with their limits per function code and mode. */
function symEncryptionLimits(): number[] {
  const entry = (mode: readonly [number, number], bits: readonly number[]): number[] => [
    ...mode,
    bits.length,
    ...bits.flatMap((length) => [length, ...SYNC_COP_LIMITS]),
  ]
  return [
    ...CIPHER_MODES.flatMap((mode) => entry(mode, [128, 192, 256])),
    ...entry(HASH_MODE, [160, 256, 512]),
  ]
}

function properties(values: Record<string, Uint8Array>): FirmwareProperty[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }))
}
