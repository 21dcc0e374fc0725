// SPDX-License-Identifier: GPL-2.0-only
export { layoutSchema, layoutTypeSchema, type Layout, type LayoutField, type LayoutType } from './layout.ts'
export * from './memory-model.ts'
export type * from './object.ts'
export { decodeObject, encodeObject, ObjectFormatError } from './serialise.ts'
export { translate, type TranslateOptions } from './translate.ts'
