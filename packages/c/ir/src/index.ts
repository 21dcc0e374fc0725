// SPDX-License-Identifier: GPL-2.0-only
export { noAttributes, type ParameterAttributes } from './attributes.ts'
export type { BasicBlock, DebugRecord, FunctionBody } from './body.ts'
export { alignTo, DataLayout, type StructLayout } from './data-layout.ts'
export { DebugInfo, type DebugVariable, type SourceLocation, type Subprogram } from './debug/debug-info.ts'
export { MetadataNode, MetadataTable, type MetadataElement } from './debug/metadata.ts'
export type { DebugMember, DebugType } from './debug/types.ts'
export * from './instructions.ts'
export { isLifetimeMarker } from './lifetime.ts'
export type {
  Alias,
  GlobalVariable,
  IrFunction,
  IrModule,
  Linkage,
  Parameter,
  ReadProblem,
} from './module.ts'
export { parseModule } from './parse/module.ts'
export { printType, printValue } from './print.ts'
export * from './types.ts'
export type * from './values.ts'
