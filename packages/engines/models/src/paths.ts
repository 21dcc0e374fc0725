// SPDX-License-Identifier: GPL-2.0-only
import type { PatchPaths } from '@pfo-workbench/patch'

/** Folder of the model packages in patches. */
export const modelFolder = 'packages/models'

/** Files that were renamed, with their new paths: earlier patches name the old ones. CHANGELOG.md lists them too. */
const moved: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'pseries/src/again.ts': 'pseries/src/firmware-loop.ts',
    'powervm/src/notice.ts': 'powervm/src/node-notice.ts',
    'conformance/src/replay/hvc-console.ts': 'conformance/src/replay/hvc-console.kernel.ts',
  }).map(([before, now]) => [`${modelFolder}/${before}`, `${modelFolder}/${now}`]),
)

/** Patches of the models may touch only their TypeScript sources. */
export const modelPaths: PatchPaths = {
  inWords: `${modelFolder}/<model>/src/**/*.ts`,
  pattern: new RegExp(
    String.raw`^${modelFolder}/[a-z0-9][a-z0-9-]*/src/(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*\.ts$`,
  ),
  otherwise: 'is not a source file of a model',
  executables: false,
  moved,
  insteadOfKernelPatch: `Only changes to the models can be compared here. The models use the kernel's function names: find the functions in ${modelFolder}/*/src, make the change there, commit it, and pass the output of git format-patch.`,
}
