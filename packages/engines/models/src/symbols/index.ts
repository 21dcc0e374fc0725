// SPDX-License-Identifier: GPL-2.0-only
export { kernelFunctions, type KernelFunctions } from './kernel-functions.ts'
export { modelSymbols, symbolsWithoutFile, type ModelSymbol } from './model-symbols.ts'
