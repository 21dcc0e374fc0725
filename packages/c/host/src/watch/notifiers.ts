// SPDX-License-Identifier: GPL-2.0-only
// kernel/notifier.c: the functions that register, unregister and call all callbacks.
import { addressOf, watch, type Machine, type Watch } from '@pfo-workbench/machine'
import { viewAt } from './paths.ts'

/** Name of the chain with a given head: a variable, or the field of an object. */
function chainName(machine: Machine, head: bigint): string {
  if (!machine.memory.holds(head, 1)) return '?'
  const address = addressOf(head)
  const object = machine.objects.at(address)
  if (object === null) return machine.symbols.dataAt(address)?.name ?? '?'
  return machine.layouts.outerFieldAt(object.struct, address - object.address)
}

/** The callback of a `notifier_block`. */
function callbackOf(machine: Machine, block: bigint): string {
  const view = viewAt(machine, 'notifier_block', block)
  return (view === null ? null : machine.symbols.functionAt(view.pointerIn('notifier_call'))) ?? '?'
}

/**
 * Watches a kernel function that changes a notifier chain. The kernel function takes the head of the chain and the
 * block, and returns 0 on success.
 */
function changesChain(name: string, type: 'notifier.register' | 'notifier.unregister'): Watch {
  return watch({
    kind: 'function',
    name,
    file: 'kernel/',
    leave: (machine, [head, block], _note, result) => {
      if (BigInt.asIntN(32, result) !== 0n) return
      machine.journal.emit(type, { head: chainName(machine, head), callback: callbackOf(machine, block) })
    },
  })
}

export const notifiers: readonly Watch[] = [
  changesChain('notifier_chain_register', 'notifier.register'),
  changesChain('notifier_chain_unregister', 'notifier.unregister'),
  // Watched only so that the calls inside can find their chain: the chain is the first argument.
  watch({ kind: 'function', name: 'notifier_call_chain', file: 'kernel/' }),
  watch<string>({
    kind: 'indirect-call',
    name: 'notifier_call_chain',
    file: 'kernel/',
    enter: (machine, [callback]) => machine.symbols.functionAt(callback) ?? '?',
    leave: (machine, [, , action], callback, result) => {
      const [head = 0n] = machine.watches.innermost('function', 'notifier_call_chain') ?? []
      machine.journal.emit('notifier.call', {
        head: chainName(machine, head),
        callback,
        action: Number(BigInt.asIntN(32, action)),
        result: Number(BigInt.asIntN(32, result)),
      })
    },
  }),
]
