// SPDX-License-Identifier: GPL-2.0-only
import type { Calls, CallStack } from './frames.ts'
import { isKernelFunction, longestChain } from './kernel-name.ts'

/** V8's description of one stack frame. Declared here because the models use no host types. */
interface CallSite {
  getFunctionName(): string | null
  getFileName(): string | null | undefined
  isConstructor(): boolean
}

interface StackCapture {
  stackTraceLimit: number
  prepareStackTrace?: unknown
  captureStackTrace(target: object): void
}

const v8 = Error as unknown as StackCapture

/** Returns the names of the kernel functions in a stack, up to the entry into the machine or to `longestChain`. */
function kernelFunctions(sites: readonly CallSite[]): string[] {
  const names: string[] = []
  for (const site of sites) {
    const qualified = site.getFunctionName()
    if (qualified === null || names.length === longestChain) continue
    const name = qualified.slice(qualified.lastIndexOf('.') + 1)
    if (name === enterKernel.name) break
    // Built-in functions of JavaScript have no file.
    if (typeof site.getFileName() !== 'string' || site.isConstructor() || !isKernelFunction(name)) continue
    names.push(name)
  }
  return names
}

const keepSites = (_error: unknown, sites: readonly CallSite[]): readonly CallSite[] => sites

function sitesOf(holder: { stack?: unknown }): readonly CallSite[] {
  const before = v8.prepareStackTrace
  v8.prepareStackTrace = keepSites
  try {
    const sites = holder.stack
    return Array.isArray(sites) ? (sites as CallSite[]) : []
  } finally {
    v8.prepareStackTrace = before
  }
}

/** A captured V8 stack, converted to names on demand. */
class V8Calls implements Calls {
  #holder: { stack?: unknown } | null
  #functions: readonly string[] = []

  constructor(holder: { stack?: unknown }) {
    this.#holder = holder
  }

  get functions(): readonly string[] {
    if (this.#holder !== null) this.#functions = kernelFunctions(sitesOf(this.#holder))
    this.#holder = null
    return this.#functions
  }
}

/** The name of this function marks the outer end of every call chain. V8 must record all frames up to this function. */
function enterKernel<T>(body: () => T): T {
  const before = v8.stackTraceLimit
  v8.stackTraceLimit = Infinity
  try {
    return body()
  } finally {
    v8.stackTraceLimit = before
  }
}

/** The V8 stack, read as a kernel call chain. */
export const v8Stack: CallStack = {
  callsHere: () => {
    const holder = {}
    v8.captureStackTrace(holder)
    return new V8Calls(holder)
  },
  callsAtFault: (fault) => new V8Calls(fault instanceof Error ? fault : {}),
  enterKernel,
}
