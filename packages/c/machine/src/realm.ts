// SPDX-License-Identifier: GPL-2.0-only
// All parts of the JavaScript realm, apart from the language itself, that the machine needs. A sandbox must provide
// these and nothing else.

/** The part of the WebAssembly interface that a machine uses. */
export interface WebAssemblyApi {
  readonly Memory: new (descriptor: { readonly initial: number; readonly maximum: number }) => {
    readonly buffer: ArrayBuffer
  }
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  // Any module and imports: this package does not know the realm's own types.
  readonly Instance: new (
    module: never,
    imports: never,
  ) => { readonly exports: Readonly<Record<string, unknown>> }
}
