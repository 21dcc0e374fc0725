// SPDX-License-Identifier: GPL-2.0-only
import { registeredAlgorithms, type device, type Machine } from '@pfo-workbench/kernel'
import {
  FACILITIES,
  type Properties,
  SYM_ENCRYPTION,
  type TreeOptions,
  bootTree,
  run,
  withChanges,
  words,
} from '@pfo-workbench/testing'
import { vio } from '@pfo-workbench/vio'
import { deviceNamed } from '@pfo-workbench/vio/testing'
import { nxCryptoModule } from '../src/index.ts'

/** Function code and mode of each list of limits in the recorded firmware. */
export const offered: readonly (readonly [fc: number, mode: number])[] = [
  [0, 0],
  [0, 1],
  [0, 4],
  [0, 6],
  [0, 7],
  [0, 20],
  [2, 0],
]

/** A list of limits for one function and mode: 64 KiB and 510 entries for each key or digest size. */
export function limits(fc: number, mode: number): number[] {
  const sizes = fc === 2 ? [160, 256, 512] : [128, 192, 256]
  return [fc, mode, sizes.length, ...sizes.flatMap((bits) => [bits, 65536, 510])]
}

/** The sym-encryption node as firmware describes it to a kernel of that byte order. */
export function symEncryption(
  changes: Readonly<Record<string, string | Uint8Array | undefined>> = {},
  littleEndian = true,
): Readonly<Record<string, Properties>> {
  const node: Properties = {
    name: 'ibm,sym-encryption-v1',
    compatible: 'ibm,sym-encryption',
    status: 'okay',
    'ibm,resource-id': words([3]),
    'ibm,max-sg-len': words([0xff0], littleEndian),
    'ibm,max-sync-cop': words(
      offered.flatMap(([fc, mode]) => limits(fc, mode)),
      littleEndian,
    ),
  }
  return {
    [FACILITIES]: { name: 'ibm,platform-facilities', device_type: 'ibm,platform-facilities' },
    [SYM_ENCRYPTION]: withChanges(node, changes),
  }
}

/** A machine with these nodes in its tree before the VIO bus scans it. */
export function boot(nodes: Readonly<Record<string, Properties>>, options: TreeOptions = {}): Machine {
  return bootTree(nodes, { subsystems: [vio], modules: [nxCryptoModule], ...options })
}

/** The sym-encryption device, without a reference. */
export const symDevice = (): device => deviceNamed('ibm,sym-encryption-v1')

/** Names of all algorithms, in the order of their registration by the module. */
export const all = [
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
]

/** The algorithms that are registered. */
export function registered(machine: Machine): readonly string[] {
  return run(machine, registeredAlgorithms)
}
