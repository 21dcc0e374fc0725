// SPDX-License-Identifier: GPL-2.0-only
// Separate from the schema: programs in the sandbox import this file and do not need zod.
import type { CallChain } from './frame.ts'
import type { FunctionRole, KernelFacts } from './kernel-facts.ts'

type Roles = KernelFacts['roles']

/** Cache of roles: nearly all call chains contain the same few functions. */
const known = new WeakMap<Roles, Map<string, FunctionRole | null>>()

function lookUp(roles: Roles, name: string): FunctionRole | null {
  for (let length = name.length; length >= 0; length--) {
    const key = length === name.length && Object.hasOwn(roles, name) ? name : `${name.slice(0, length)}*`
    if (Object.hasOwn(roles, key)) return roles[key] ?? null
  }
  return null
}

/**
 * Role of a kernel function.
 *
 * @param facts - facts about the kernel that ran
 * @returns the role, or null for a function that acts on its own behalf
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

/** True if the call chain passes through a function with one of these roles. */
export function passesThroughRole(
  facts: KernelFacts,
  chain: CallChain,
  ...roles: readonly FunctionRole[]
): boolean {
  return chain.some((frame) => hasRole(facts, frame.function, roles))
}

/** True if a kernel function has one of these roles. */
export function hasRole(facts: KernelFacts, name: string, roles: readonly FunctionRole[]): boolean {
  const role = roleOf(facts, name)
  return role !== null && roles.includes(role)
}

const takesForCaller: ReadonlySet<FunctionRole | null> = new Set(['counter', 'acts-for-caller', 'finder'])

/** Cache of holders: events share call chains. */
const holders = new WeakMap<Roles, WeakMap<CallChain, string>>()

/**
 * Function that a reference was taken or dropped for: the innermost function that does not act for its caller. If all
 * act for their callers, the innermost; `?` for an empty chain.
 */
export function holderOf(facts: KernelFacts, chain: CallChain): string {
  let known = holders.get(facts.roles)
  if (known === undefined) holders.set(facts.roles, (known = new WeakMap<CallChain, string>()))
  let holder = known.get(chain)
  if (holder === undefined) known.set(chain, (holder = findHolder(facts, chain)))
  return holder
}

function findHolder(facts: KernelFacts, chain: CallChain): string {
  const holder = chain.find((frame) => !takesForCaller.has(roleOf(facts, frame.function))) ?? chain[0]
  return holder?.function ?? '?'
}

/** Functions whose references another function drops by convention. */
export function functionsWithOwner({ dropsFor }: KernelFacts): ReadonlySet<string> {
  return new Set(Object.values(dropsFor).flat())
}

const onlyCarriesOut: ReadonlySet<FunctionRole | null> = new Set(['counter', 'reporter'])

/**
 * Call chain without the innermost functions that only count references or print; the whole chain if all of them do.
 */
export function callersOf(facts: KernelFacts, chain: CallChain): CallChain {
  const first = chain.findIndex((frame) => !onlyCarriesOut.has(roleOf(facts, frame.function)))
  return first < 0 ? chain : chain.slice(first)
}
