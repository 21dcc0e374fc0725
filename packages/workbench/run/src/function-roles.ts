// SPDX-License-Identifier: GPL-2.0-only
// Apart from the schema: programs in the sandbox use this, and have no use for a parser.
import type { CallChain } from './frame.ts'
import type { FunctionRole, KernelFacts } from './kernel-facts.ts'

type Roles = KernelFacts['roles']

/** Roles that were looked up before: the same few functions stand in nearly all call chains. */
const known = new WeakMap<Roles, Map<string, FunctionRole | null>>()

function lookUp(roles: Roles, name: string): FunctionRole | null {
  for (let length = name.length; length >= 0; length--) {
    const key = length === name.length && Object.hasOwn(roles, name) ? name : `${name.slice(0, length)}*`
    if (Object.hasOwn(roles, key)) return roles[key] ?? null
  }
  return null
}

/**
 * The role of a kernel function.
 *
 * @param facts - of the kernel that ran
 * @returns null for a function that acts for itself
 */
export function roleOf({ roles }: KernelFacts, name: string): FunctionRole | null {
  const own = known.get(roles) ?? new Map<string, FunctionRole | null>()
  known.set(roles, own)
  const before = own.get(name)
  if (before !== undefined) return before
  const role = lookUp(roles, name)
  own.set(name, role)
  return role
}

/** Whether a call chain passes through a function of this role. */
export function passesThroughRole(facts: KernelFacts, chain: CallChain, role: FunctionRole): boolean {
  return chain.some((frame) => roleOf(facts, frame.function) === role)
}

const takesForCaller: ReadonlySet<FunctionRole | null> = new Set(['counter', 'acts-for-caller', 'finder'])

/** The function that a reference was taken or dropped for: the first one that does not act for its caller. */
export function holderOf(facts: KernelFacts, chain: CallChain): string {
  const holder = chain.find((frame) => !takesForCaller.has(roleOf(facts, frame.function))) ?? chain[0]
  return holder?.function ?? '?'
}

const onlyCarriesOut: ReadonlySet<FunctionRole | null> = new Set(['counter', 'reporter'])

/** A call chain from the first function on that did more than to count or to print. */
export function callersOf(facts: KernelFacts, chain: CallChain): CallChain {
  const first = chain.findIndex((frame) => !onlyCarriesOut.has(roleOf(facts, frame.function)))
  return first < 0 ? chain : chain.slice(first)
}
