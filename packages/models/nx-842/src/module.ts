// SPDX-License-Identifier: GPL-2.0-only
import { oops, type Module } from '@pfo-workbench/kernel'
import { freshVariables, nx842State } from './devdata.ts'
import { freshRegistrations, nx842_pseries_exit, nx842_pseries_init, registrations } from './driver.ts'

/** Loads the module image, then runs its init. If the init fails, unmaps the image and returns the error. */
function loadModule(): number {
  Object.assign(nx842State(), freshVariables())
  Object.assign(registrations(), freshRegistrations())
  nx842State().nx842_pseries_alg.cra_module = nx842Module
  const result = nx842_pseries_init()
  if (result < 0) unmapModule()
  return result
}

/** Runs the module's exit, then unmaps its image. */
function unloadModule(): void {
  nx842_pseries_exit()
  unmapModule()
}

/** Unmaps the notifier block. If it is still registered, the next walk along the chain faults. */
function unmapModule(): void {
  const { nx842_of_nb } = registrations()
  for (const field of ['notifier_call', 'next', 'priority']) {
    Object.defineProperty(nx842_of_nb, field, { get: readUnmapped })
  }
}

function readUnmapped(): never {
  return oops('Unable to handle kernel paging request for data at address <module memory>')
}

/** The nx-842 compression driver for `bootMachine`. It has no vio alias, so udev never loads it. */
export const nx842Module: Module = { name: 'nx_compress_pseries', init: loadModule, exit: unloadModule }
