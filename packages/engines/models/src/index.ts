// SPDX-License-Identifier: GPL-2.0-only
export { VariantBuilder, type ChangedLine, type ModelVariant, type VariantBuilderOptions } from './builder.ts'
export type { CompileLimits } from './compile/compile-process.ts'
export type { Probe } from './compile/probes.ts'
export { ModelEngine } from './engine.ts'
export { kernel } from './kernel.ts'
export { modelPaths } from './paths.ts'
export { modelPackages, readModelSources, type ModelSources } from './sources.ts'
export { modelsOf } from './symbols/places.ts'
