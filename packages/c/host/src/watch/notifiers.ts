// SPDX-License-Identifier: GPL-2.0-only
// kernel/notifier.c: each callback of a chain is called from one place.
import { addressOf, watch, type Machine, type Watch } from '@pfo-workbench/machine'

/** Name of the chain that a pointer to its head leads into: a variable, or the field of an object. */
function chainName(machine: Machine, head: bigint): string {
  if (!machine.memory.holds(head, 1)) return '?'
  const address = addressOf(head)
  const object = machine.objects.at(address)
  if (object === null) return machine.symbols.dataAt(address)?.name ?? '?'
  const [field = ''] = machine.layouts.fieldAt(object.struct, address - object.address).split('.')
  return field
}

export const notifiers: readonly Watch[] = [
  // Tells the calls below which chain they belong to.
  watch({ kind: 'function', name: 'notifier_call_chain' }),
  watch<string>({
    kind: 'indirect-call',
    name: 'notifier_call_chain',
    enter: (machine, [block]) => {
      const callback = machine.view('notifier_block', block).pointerIn('notifier_call')
      return machine.symbols.functionAt(callback) ?? '?'
    },
    leave: (machine, [, action], callback, result) => {
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
