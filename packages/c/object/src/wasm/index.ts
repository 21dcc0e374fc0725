// SPDX-License-Identifier: GPL-2.0-only
/** WebAssembly encoding, for the linker. */
export { Numbering } from '../numbering.ts'
export { relocationKinds, type RelocationKind } from '../relocation.ts'
export { ByteWriter, overwriteSigned64, overwriteUnsigned } from './bytes.ts'
export { Emitter, globals, type NameTable } from './emitter.ts'
export { bulkCopy, bulkFill, op, typeCode } from './opcodes.ts'
