// SPDX-License-Identifier: GPL-2.0-only
import type { BuildOptions } from 'esbuild'

/** Global name of a bundle's exports. */
export const programName = 'pfoEngine'

/** esbuild options of a sandbox program: one strict script in pure ECMAScript, without paths of this machine. */
export const programOptions: BuildOptions & { readonly write: false } = {
  conditions: ['@pfo-workbench/source'],
  write: false,
  bundle: true,
  format: 'iife',
  globalName: programName,
  platform: 'neutral',
  target: 'es2022',
  charset: 'utf8',
  // Comments would contain paths of this machine.
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
