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

function toFrames(sites: readonly CallSite[]): Frame[] {
  const frames: Frame[] = []
  for (const site of sites) {
    const qualified = site.getFunctionName()
    if (qualified === null || qualified === '') continue
    const name = qualified.slice(qualified.lastIndexOf('.') + 1)
    if (name === entryFunction) break
    const file = site.getFileName()
    if (file === null || file === undefined || site.isConstructor() || !isKernelName(name)) continue
    frames.push({
      function: name,
      file,
      line: site.getLineNumber() ?? 0,
      column: site.getColumnNumber() ?? 0,
    })
  }
  return frames
}

/** A stack that was captured now and is turned into frames when somebody asks: most chains are never read. */
export class CapturedStack {
  #holder: { stack?: unknown } | null = {}
  #frames: CallChain | null = null

  /**
   * @param depth - how many JavaScript frames to keep, innermost first; what is captured often keeps few
   */
  constructor(depth: number = maxFrames) {
    const before = v8.stackTraceLimit
    v8.stackTraceLimit = depth
    v8.captureStackTrace(this.#holder ?? {})
    v8.stackTraceLimit = before
  }

  get frames(): CallChain {
    if (this.#frames === null) {
      this.#frames = framesOf(this.#holder ?? {})
      this.#holder = null
    }
    return this.#frames
  }
}

/**
 * The kernel call chain of an object with a V8 stack that nobody has read yet.
 *
 * @param holder - an Error, or an object given to `Error.captureStackTrace`
 */
export function framesOf(holder: { stack?: unknown }): CallChain {
  const before = v8.prepareStackTrace
  v8.prepareStackTrace = (_error: unknown, sites: CallSite[]) => sites
  try {
    const sites = holder.stack
    return Array.isArray(sites) ? toFrames(sites as CallSite[]) : []
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
