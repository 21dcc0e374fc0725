// SPDX-License-Identifier: GPL-2.0-only
import type { Module } from '@pfo-workbench/kernel'
import { freshImage, nx_fini, nx_init, nxState } from './nx.ts'

/** Loads the module image, then runs its init. */
function loadModule(): number {
  Object.assign(nxState(), freshImage())
  for (const { alg } of nxState().algorithms) alg.cra_module = nxCryptoModule
  return nx_init()
}

/** The nx-crypto driver for `bootMachine`. In v4.18 only big-endian kernels have it. */
export const nxCryptoModule: Module = { name: 'nx_crypto', init: loadModule, exit: nx_fini }
