// SPDX-License-Identifier: GPL-2.0-only
// All that the machine needs of the JavaScript realm besides the language itself. A sandbox has to leave these, and nothing else.

/** The part of WebAssembly's interface that a machine uses. */
export interface WebAssemblyApi {
  readonly Memory: new (descriptor: { readonly initial: number; readonly maximum: number }) => {
    readonly buffer: ArrayBuffer
  }
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  // Any module and imports: the realm's own types of them are not known here.
  readonly Instance: new (
    module: never,
    imports: never,
  ) => { readonly exports: Readonly<Record<string, unknown>> }
}
