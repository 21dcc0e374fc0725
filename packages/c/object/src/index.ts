// SPDX-License-Identifier: GPL-2.0-only
export type { Layout, LayoutField, LayoutType } from './layout.ts'
export * from './memory-model.ts'
export type {
  DataRelocation,
  ExternalData,
  ExternalFunction,
  ObjectAlias,
  ObjectData,
  ObjectFile,
  ObjectFunction,
  ObjectHeader,
  ObjectInitcall,
  ObjectCoveragePoint,
  ObjectStackVariable,
  ObjectUntranslated,
  SymbolLinkage,
} from './object.ts'
export { decodeObject, encodeObject, ObjectFormatError } from './serialise.ts'
export type { Signature, WasmType } from './signature.ts'
export { translate, type TranslateOptions } from './translate.ts'
