// SPDX-License-Identifier: GPL-2.0-only
import type { Calls, CallStack } from './frames.ts'
import { longestChain } from './kernel-name.ts'

/** A call of a kernel function, and the call that made it. */
interface Call {
  readonly name: string
  readonly up: Call | null
}

// Variables of the compiled program, outside all of its modules. The compiler makes every kernel function set the first
// one on entry and exit, and the other two when an error leaves the function. Patches cannot name these variables.
/* eslint-disable no-restricted-syntax -- these variables belong to the compiled program, not to a machine */
/** The innermost call. */
declare let __pfoCall: Call | null
/** The last error that left a kernel function. */
declare let __pfoFault: unknown
/** The innermost call that this error left. */
declare let __pfoFaultCall: Call | null
/* eslint-enable no-restricted-syntax */

/** True if the program was compiled with a shadow stack. */
export const hasShadowStack: boolean = typeof __pfoCall !== 'undefined'

/** Calls are immutable and linked, so the innermost call holds the whole chain. Other code never gets these objects. */
class ShadowCalls implements Calls {
  readonly #innermost: Call | null
  #functions: readonly string[] | null = null

  constructor(innermost: Call | null) {
    this.#innermost = innermost
  }

  get functions(): readonly string[] {
    return (this.#functions ??= namesOf(this.#innermost))
  }
}

function namesOf(innermost: Call | null): readonly string[] {
  const names: string[] = []
  for (let call = innermost; call !== null && names.length < longestChain; call = call.up)
    names.push(call.name)
  return Object.freeze(names)
}

/** The shadow stack that the compiler adds to the models. */
export const shadowStack: CallStack = {
  callsHere: () => new ShadowCalls(__pfoCall),
  callsAtFault: (fault) => new ShadowCalls(fault === __pfoFault ? __pfoFaultCall : null),
  enterKernel: (body) => {
    const before = __pfoCall
    __pfoCall = null
    try {
      return body()
    } finally {
      __pfoCall = before
    }
  },
}
