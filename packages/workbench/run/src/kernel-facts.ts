// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'
import type { Immutable } from './immutable.ts'
import { text, texts } from './primitives.ts'

/**
 * What a kernel function does in a call chain that others have to know to read the chain:
 *
 * - `counter`: changes a reference counter, and does nothing else
 * - `acts-for-caller`: takes or drops references for the function that called it
 * - `finder`: looks a node up, and returns it with a reference that belongs to its caller
 * - `allocator`: allocates or frees memory for its caller
 * - `reporter`: prints for its caller
 * - `initializer`: makes a node; the first reference on the node is the one that it takes
 * - `firmware-fetch`: makes nodes from what firmware says of them
 * - `tree-edit`: carries out what a person wrote to change the device tree
 * - `unbind-request`: carries out what a person wrote to unbind a driver
 * - `probe`: has a driver take a device
 * - `module-init`: has a module begin
 * - `module-exit`: has a module leave
 */
const functionRole = z.enum([
  'counter',
  'acts-for-caller',
  'finder',
  'allocator',
  'reporter',
  'initializer',
  'firmware-fetch',
  'tree-edit',
  'unbind-request',
  'probe',
  'module-init',
  'module-exit',
])

/** Schema of `KernelFacts`. */
export const kernelFactsSchema = z.strictObject({
  /** Roles of functions. A name that ends in `*` stands for all functions that begin so; the longest that fits counts. */
  roles: z.record(text, functionRole),
  /** By function: the functions whose references it drops by convention. */
  dropsFor: z.record(text, texts),
  /** Path of the node below which the nodes of the platform facilities are. */
  platformFacilities: text,
  /** By name of a vio device: the module with its driver. */
  moduleOf: z.record(text, text),
  /** By name of a driver of the VIO bus: what it offers while it has a device (`hwrng pseries_rng`). */
  servicesOf: z.record(text, texts).exactOptional(),
})

/** What a kernel function does in a call chain. */
export type FunctionRole = z.output<typeof functionRole>

/** Facts about a kernel that oracles need and that no event tells. Engines supply them. */
export type KernelFacts = Immutable<z.output<typeof kernelFactsSchema>>
