// SPDX-License-Identifier: GPL-2.0-only

/** One function of a kernel call chain, whatever engine it came from. */
export interface Frame {
  readonly function: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

/** A call chain, innermost function first. */
export type CallChain = readonly Frame[]

/** What V8 tells about one stack frame; declared here because the models use no host types. */
interface CallSite {
  getFunctionName(): string | null
  getFileName(): string | null | undefined
  getLineNumber(): number | null
  getColumnNumber(): number | null
  isConstructor(): boolean
}

interface StackCapture {
  stackTraceLimit: number
  prepareStackTrace?: unknown
  captureStackTrace(target: object): void
}

const v8 = Error as unknown as StackCapture

/** Every chain ends where the machine entered kernel code; frames further out belong to the user of the machine. */
const entryFunction = 'enterKernel'

/** Deep enough for every chain of the models; of a patch that recurses further the innermost part is kept. */
const maxFrames = 96

/** Functions of the models that are macros in the kernel or helpers of ours: no call chain of a kernel shows them. */
const notCalls: ReadonlySet<string> = new Set([
  'BUG_ON',
  'WARN_ON',
  'WARN_ONCE',
  'pr_crit',
  'pr_err',
  'pr_warn',
  'pr_notice',
  'pr_info',
  'for_each_child_of_node',
  'kref_get',
  'oops',
  'text',
])

/**
 * Model functions carry kernel names (`of_node_get`, `pSeries_reconfig_add_node`); everything else is camelCase.
 * That is how a JavaScript stack is read as a kernel call chain.
 */
function isKernelName(name: string): boolean {
  if (!/^\w+$/.test(name) || notCalls.has(name)) return false
  return name.includes('_') || name === name.toLowerCase()
}

/** What `tell` makes of each function of the kernel in a stack, innermost first. */
function kernelFunctions<T>(
  sites: readonly CallSite[],
  tell: (name: string, file: string, site: CallSite) => T,
): T[] {
  const told: T[] = []
  for (const site of sites) {
    const qualified = site.getFunctionName()
    if (qualified === null || qualified === '') continue
    const name = qualified.slice(qualified.lastIndexOf('.') + 1)
    if (name === entryFunction) break
    const file = site.getFileName()
    if (file === null || file === undefined || site.isConstructor() || !isKernelName(name)) continue
    told.push(tell(name, file, site))
  }
  return told
}

function toFrames(sites: readonly CallSite[]): Frame[] {
  return kernelFunctions(sites, (name, file, site) => ({
    function: name,
    file,
    line: site.getLineNumber() ?? 0,
    column: site.getColumnNumber() ?? 0,
  }))
}

/** Where something happened: a call chain that may be asked for later. */
export interface Track {
  readonly frames: CallChain
  /** The names of the frames. Where in a file they are takes most of the time that frames take. */
  readonly functions: readonly string[]
}

/** A stack that was captured now and is turned into frames when somebody asks: most chains are never read. */
export class CapturedStack implements Track {
  #holder: { stack?: unknown } | null
  #sites: readonly CallSite[] = []
  #frames: CallChain | null = null
  #functions: readonly string[] | null = null

  /**
   * @param depth - how many JavaScript frames to keep, innermost first; what is captured often keeps few
   */
  constructor(depth: number = maxFrames) {
    const holder = {}
    const before = v8.stackTraceLimit
    if (depth !== before) v8.stackTraceLimit = depth
    v8.captureStackTrace(holder)
    if (depth !== before) v8.stackTraceLimit = before
    this.#holder = holder
  }

  get frames(): CallChain {
    return (this.#frames ??= toFrames(this.#read()))
  }

  get functions(): readonly string[] {
    return (this.#functions ??= kernelFunctions(this.#read(), (name) => name))
  }

  #read(): readonly CallSite[] {
    if (this.#holder !== null) this.#sites = sitesOf(this.#holder)
    this.#holder = null
    return this.#sites
  }
}

/** A stack that was not captured. Asking for it says so, so that whoever needs it can have the same happen again with it. */
export class LackingStack implements Track {
  /** Whether somebody asked. */
  wanted = false

  get frames(): CallChain {
    this.wanted = true
    return []
  }

  get functions(): readonly string[] {
    this.wanted = true
    return []
  }
}

/**
 * The kernel call chain of an object with a V8 stack that nobody has read yet.
 *
 * @param holder - an Error, or an object given to `Error.captureStackTrace`
 */
export function framesOf(holder: { stack?: unknown }): CallChain {
  return toFrames(sitesOf(holder))
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

/**
 * Runs `body` with stacks captured deep enough for kernel call chains. Its name marks the outer end of every chain.
 *
 * @param body - kernel code to run
 * @returns what `body` returns
 */
export function enterKernel<T>(body: () => T): T {
  const before = v8.stackTraceLimit
  v8.stackTraceLimit = maxFrames
  try {
    return body()
  } finally {
    v8.stackTraceLimit = before
  }
}

/** `a < b < c`, innermost first: how call chains are written everywhere in the workbench. */
export function formatChain(chain: CallChain, length: number = chain.length): string {
  return chain
    .slice(0, length)
    .map((frame) => frame.function)
    .join(' < ')
}
