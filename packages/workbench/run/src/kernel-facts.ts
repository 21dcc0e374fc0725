// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'
import type { Immutable } from './immutable.ts'
import { text, texts } from './primitives.ts'

/**
 * Role of a kernel function in a call chain:
 *
 * - `counter`: only changes a reference counter
 * - `acts-for-caller`: takes or drops references on behalf of its caller
 * - `finder`: looks up a node and returns it with a reference that the caller owns
 * - `allocator`: allocates or frees memory on behalf of its caller
 * - `reporter`: prints on behalf of its caller
 * - `initializer`: initializes a node and takes its first reference
 * - `firmware-fetch`: creates nodes from data that firmware returns
 * - `directory`: creates the sysfs directory of an object and takes a reference on its parent
 * - `changeset-entry`: adds an entry to a changeset. The entry holds a reference and a pointer to the node
 * - `tree-edit`: changes the device tree as a user requested
 * - `unbind-request`: unbinds a driver as a user requested
 * - `bind-request`: binds a driver as a user requested
 * - `registration`: registers a device on behalf of its caller
 * - `device-release`: drops the references of a device once nothing refers to the device any more
 * - `probe`: binds a driver to a device. Neither the driver nor the callers of this function pass references to each
 *   other
 * - `module-init`: initializes a module
 * - `module-exit`: cleans up a module
 * - `dispatcher`: calls functions that know nothing of its caller, such as the callbacks of a notifier chain. It passes
 *   no references to them, and they return none
 * - `deferred-call`: calls what a task asked for earlier. It passes no references, but the task that asked may have
 *   left some for the function that is called
 * - `iterator`: calls a callback for each object of a list. The callback may return references to the caller of the
 *   iterator through shared data, but the iterator passes none to the callback
 */
const functionRole = z.enum([
  'counter',
  'acts-for-caller',
  'finder',
  'allocator',
  'reporter',
  'initializer',
  'firmware-fetch',
  'directory',
  'changeset-entry',
  'tree-edit',
  'unbind-request',
  'bind-request',
  'registration',
  'device-release',
  'probe',
  'module-init',
  'module-exit',
  'dispatcher',
  'deferred-call',
  'iterator',
])

/** Schema of `KernelFacts`. */
export const kernelFactsSchema = z.strictObject({
  /** Roles by function name. A name ending in `*` matches all functions with that prefix; the longest match wins. */
  roles: z.record(text, functionRole),
  /** By function: the functions whose references it drops by convention. */
  dropsFor: z.record(text, texts),
  /** Path of the parent node of the platform facilities. */
  platformFacilities: text,
  /** By name of a VIO device: the module that contains its driver. */
  moduleOf: z.record(text, text),
  /** By name of a VIO driver: services that it provides while it is bound to a device (`hwrng pseries_rng`). */
  servicesOf: z.record(text, texts).exactOptional(),
})

/** Role of a kernel function in a call chain. */
export type FunctionRole = z.output<typeof functionRole>

/** Facts about a kernel that oracles need and that events do not contain. Engines supply them. */
export type KernelFacts = Immutable<z.output<typeof kernelFactsSchema>>
