// SPDX-License-Identifier: GPL-2.0-only
import { fileURLToPath } from 'node:url'
import { findPackages, type ModelPackage } from '@pfo-workbench/variant'

/** The packages a patch may change. */
const models = ['kernel', 'of', 'powervm', 'pseries', 'vio', 'nx-842', 'nx-crypto', 'pseries-rng']

/** The installed model packages: what variants are made from. */
export function modelPackages(): ModelPackage[] {
  return findPackages(
    models.map((name) => `@pfo-workbench/${name}`),
    import.meta.dirname,
  )
}

/** The module that plays scenarios on the models and examines the runs; bundled with each variant of them. */
export const engineModule: string = fileURLToPath(new URL('../../src/play/engine.ts', import.meta.url))
