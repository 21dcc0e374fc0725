// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { SlowFilesFirst } from './test/support/slow-files-first.ts'

/** Packages of which `npm run coverage` demands that tests reach nearly all: those that claim to do what the kernel does. */
const measured = ['kernel', 'nx-842', 'nx-crypto', 'of', 'powervm', 'pseries', 'pseries-rng'].map(
  (name) => `packages/models/${name}/src/**/*.ts`,
)

/**
 * Packages whose code keeps nothing outside of what it is called with: their tests share one load of the modules, which takes most
 * of the time of a small file. The models are not among them: what a machine has depends on which of them were loaded.
 */
const pure = [
  ...['image', 'ir', 'kbuild', 'object'].map((name) => `packages/c/${name}/test/**/*.test.ts`),
  ...['input', 'patch', 'run', 'scenario'].map((name) => `packages/workbench/${name}/test/**/*.test.ts`),
]

/**
 * Where tests to which it does not matter who computed a result keep them for each other, and for the next time. Results are found
 * by the hash of all that they depend on, so that a changed line makes them anew.
 */
const keptResults = join(import.meta.dirname, 'node_modules/.cache/pfo-tests')

const never = ['**/node_modules/**', '**/dist/**']

export default defineConfig({
  ssr: { resolve: { conditions: ['@pfo-workbench/source'] } },
  resolve: { conditions: ['@pfo-workbench/source'] },
  test: {
    projects: [
      { extends: true, test: { name: 'pure', include: pure, exclude: never, isolate: false } },
      {
        extends: true,
        test: { name: 'other', include: ['**/test/**/*.test.ts'], exclude: [...never, ...pure] },
      },
    ],
    // By default one processor is left idle; on two that is half of them.
    maxWorkers: '100%',
    env: { PFO_TEST_RESULTS: keptResults },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    sequence: { sequencer: SlowFilesFirst },
    coverage: {
      include: measured,
      reporter: ['text', 'lcovonly'],
      skipFull: true,
      thresholds: Object.fromEntries(measured.map((files) => [files, { lines: 95, branches: 90 }])),
    },
  },
})
