// SPDX-License-Identifier: GPL-2.0-only
import type { BuildOptions } from 'esbuild'

/** The name under which a bundle offers what its entry module exports. */
export const programName = 'pfoEngine'

/** How esbuild makes a program for the sandbox: one strict script in the language alone, that names no folder of this machine. */
export const programOptions: BuildOptions & { readonly write: false } = {
  conditions: ['@pfo-workbench/source'],
  write: false,
  bundle: true,
  format: 'iife',
  globalName: programName,
  platform: 'neutral',
  target: 'es2022',
  charset: 'utf8',
  // Comments would name folders of this machine.
  minifyWhitespace: true,
  legalComments: 'none',
  treeShaking: true,
  sourcemap: false,
  logLevel: 'silent',
  supported: { 'dynamic-import': false },
  tsconfigRaw: {
    compilerOptions: { target: 'es2022', useDefineForClassFields: true, verbatimModuleSyntax: true },
  },
}
