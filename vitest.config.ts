// SPDX-License-Identifier: GPL-2.0-only
import { defineConfig } from 'vitest/config'

/** Packages of which `npm run coverage` demands that tests reach nearly all: those that claim to do what the kernel does. */
const measured = ['kernel', 'nx-842', 'nx-crypto', 'of', 'powervm', 'pseries', 'pseries-rng'].map(
  (name) => `packages/models/${name}/src/**/*.ts`,
)

export default defineConfig({
  ssr: { resolve: { conditions: ['@pfo-workbench/source'] } },
  resolve: { conditions: ['@pfo-workbench/source'] },
  test: {
    include: ['**/test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // By default one processor is left idle; on two that is half of them.
    maxWorkers: '100%',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    coverage: {
      include: measured,
      reporter: ['text', 'lcovonly'],
      skipFull: true,
      thresholds: Object.fromEntries(measured.map((files) => [files, { lines: 95, branches: 90 }])),
    },
  },
})
