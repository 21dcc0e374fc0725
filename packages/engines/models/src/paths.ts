// SPDX-License-Identifier: GPL-2.0-only
import type { PathRules } from '@pfo-workbench/patch'
import { recogniseKernelPatch } from './c-patch.ts'

/** The folder of the model packages in patches. */
export const modelFolder = 'packages/models'

const modelSource = new RegExp(
  String.raw`^${modelFolder}/[a-z0-9][a-z0-9-]*/src/(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*\.ts$`,
)

/** Patches may touch the source files of models. */
export const modelPaths: PathRules = {
  accepted: `${modelFolder}/<model>/src/**/*.ts`,
  fault(path) {
    if (modelSource.test(path)) return null
    const hint = path.startsWith('models/') ? ' (the names need the a/ and b/ that git puts before them)' : ''
    return `is not a source file of a model${hint}`
  },
  foreign: recogniseKernelPatch,
}
