// SPDX-License-Identifier: GPL-2.0-only
import type { PatchPaths } from '@pfo-workbench/patch'

/** Folder of the model packages in patches. */
export const modelFolder = 'packages/models'

/** Patches of the models may touch only their TypeScript sources. */
export const modelPaths: PatchPaths = {
  inWords: `${modelFolder}/<model>/src/**/*.ts`,
  pattern: new RegExp(
    String.raw`^${modelFolder}/[a-z0-9][a-z0-9-]*/src/(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*\.ts$`,
  ),
  otherwise: 'is not a source file of a model',
  executables: false,
  moved: new Map(),
  insteadOfKernelPatch: `Only changes to the models can be compared here. The models use the kernel's function names: find the functions in ${modelFolder}/*/src, make the change there, commit it, and pass the output of git format-patch.`,
}
