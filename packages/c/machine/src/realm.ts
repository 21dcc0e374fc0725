// SPDX-License-Identifier: GPL-2.0-only
// All that the machine needs of the JavaScript realm besides the language itself. A sandbox has to leave these, and nothing else.

/** The part of WebAssembly's interface that a machine uses. */
export interface WebAssemblyApi {
  readonly Memory: new (descriptor: { readonly initial: number; readonly maximum: number }) => {
    readonly buffer: ArrayBuffer
  }
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> }
}

/** What V8 tells of a stack frame. */
export interface CallSite {
  getFileName(): string | null | undefined
  /** Of a WebAssembly frame: the offset of the call in the module. */
  getPosition(): number
}

interface StackCapture {
  stackTraceLimit: number
  prepareStackTrace?: unknown
  captureStackTrace(target: object, outermost?: unknown): void
}

/** V8's interface to its own stack, taken before other code can replace it. */
export const v8: StackCapture = Error
