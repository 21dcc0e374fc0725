// SPDX-License-Identifier: GPL-2.0-only
// Services with which drivers register: drivers/char/hw_random/core.c and crypto/algapi.c. The registrations are part
// of the machine's state.
import { EEXIST, ENOENT } from '@pfo-workbench/kernel'
import { modelled, oops, type HostFunctions, type Machine } from '@pfo-workbench/machine'

const key = Symbol('services')

interface Algorithm {
  readonly name: string
  readonly driverName: string
  readonly registered: boolean
}

function servicesOf(machine: Machine) {
  return machine.stateOf(key, () => ({
    /** Names of random number generators, by pointer. */
    hwrng: new Map<bigint, string>(),
    /** Algorithms, by pointer to their `crypto_alg`. */
    algorithms: new Map<bigint, Algorithm>(),
  }))
}

const generatorName = (machine: Machine, pointer: bigint): string =>
  machine.view('hwrng', pointer).string('name') ?? ''

/** `hwrng_register`: -EEXIST if the name is in use. */
const hwrng_register = modelled(['u64'], (machine, pointer) => {
  const { hwrng } = servicesOf(machine)
  const name = generatorName(machine, pointer)
  if ([...hwrng.values()].includes(name)) return -EEXIST
  hwrng.set(pointer, name)
  machine.journal.emit('service.register', { service: 'hwrng', name })
  return 0
})

const hwrng_unregister = modelled(['u64'], (machine, pointer) => {
  const { hwrng } = servicesOf(machine)
  const name = hwrng.get(pointer) ?? generatorName(machine, pointer)
  hwrng.delete(pointer)
  machine.journal.emit('service.unregister', { service: 'hwrng', name })
})

/** Names of the registered random number generators. */
export function registeredGenerators(machine: Machine): string[] {
  return [...servicesOf(machine).hwrng.values()]
}

/** Driver names of the registered algorithms. */
export function registeredAlgorithms(machine: Machine): string[] {
  const { algorithms } = servicesOf(machine)
  return [...algorithms.values()].filter(({ registered }) => registered).map(({ driverName }) => driverName)
}

/**
 * The `crypto_alg` within a registered structure. Most kinds of algorithms begin with functions, and embed it as
 * `base`. Since 6.5 some embed it in an intermediate structure.
 */
function baseOf(machine: Machine, struct: string, pointer: bigint): bigint {
  if (struct === 'crypto_alg') return pointer
  const view = machine.view(struct, pointer)
  const path = ['base', 'calg.base', 'halg.base'].find((one) => view.has(one))
  return path === undefined ? pointer : pointer + BigInt(view.addressOf(path) - view.address)
}

/** Maximum length of names of algorithms in bytes (`CRYPTO_MAX_ALG_NAME`, include/linux/crypto.h). */
const longestName = 128

function register(machine: Machine, alg: bigint): number {
  const { algorithms } = servicesOf(machine)
  const view = machine.view('crypto_alg', alg)
  const name = machine.memory.string(view.addressOf('cra_name'), longestName)
  const driverName = machine.memory.string(view.addressOf('cra_driver_name'), longestName)
  const registered = [...algorithms].filter(([, one]) => one.registered)
  const isTaken = registered.some(
    ([other, one]) => other === alg || one.driverName === name || one.name === driverName,
  )
  if (isTaken) return -EEXIST
  algorithms.set(alg, { name, driverName, registered: true })
  machine.journal.emit('service.register', { service: 'crypto', name: driverName })
  return 0
}

/** An algorithm that was never registered has an uninitialized list head. Removing it from its list is an Oops. */
function unregister(machine: Machine, alg: bigint): number {
  const { algorithms } = servicesOf(machine)
  const known = algorithms.get(alg)
  if (known === undefined) oops(machine, { kind: 'access', pointer: 8n, write: true })
  if (!known.registered) return -ENOENT
  algorithms.set(alg, { ...known, registered: false })
  machine.journal.emit('service.unregister', { service: 'crypto', name: known.driverName })
  return 0
}

/** Kinds of algorithms, by the suffixes of their functions' names. */
const kinds = {
  alg: 'crypto_alg',
  aead: 'aead_alg',
  ahash: 'ahash_alg',
  scomp: 'scomp_alg',
  acomp: 'acomp_alg',
  shash: 'shash_alg',
  skcipher: 'skcipher_alg',
} as const

const crypto: HostFunctions = Object.fromEntries(
  Object.entries(kinds).flatMap(([kind, struct]) => [
    [
      `crypto_register_${kind}`,
      modelled(['u64'], (machine, pointer) => register(machine, baseOf(machine, struct, pointer))),
    ],
    [
      `crypto_unregister_${kind}`,
      modelled(['u64'], (machine, pointer) => unregister(machine, baseOf(machine, struct, pointer))),
    ],
  ]),
)

export const services: HostFunctions = { hwrng_register, hwrng_unregister, ...crypto }
