// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { SlowFilesFirst } from './test/support/slow-files-first.ts'

/** Coverage that `npm run coverage` demands of packages that claim to behave like the kernel, in percent. */
const measured = [
  {
    packages: ['kernel', 'nx-842', 'nx-crypto', 'of', 'powervm', 'pseries', 'pseries-rng'].map(
      (name) => `models/${name}`,
    ),
    thresholds: { lines: 95, branches: 90 },
  },
  // The aim for these is the same. These numbers only keep the coverage from falling.
  { packages: ['models/vio'], thresholds: { lines: 95, branches: 84 } },
  {
    packages: ['host', 'image', 'ir', 'machine', 'object'].map((name) => `c/${name}`),
    thresholds: { lines: 85, branches: 65 },
  },
].flatMap(({ packages, thresholds }) =>
  packages.map((name) => [`packages/${name}/src/**/*.ts`, thresholds] as const),
)

/**
 * Packages without module-level state. Their test files share loaded modules, because loading takes most of the time of a small
 * file. The models are not in this list: a machine depends on the set of loaded models.
 */
const pure = [
  ...['image', 'ir', 'kbuild', 'object'].map((name) => `packages/c/${name}/test/**/*.test.ts`),
  ...['input', 'patch', 'run', 'scenario'].map((name) => `packages/workbench/${name}/test/**/*.test.ts`),
]

/**
 * Result cache that tests share, also with later runs, if they do not test the computation itself. The key is a hash of everything
 * that a result depends on, so a changed line invalidates it.
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
    // By default, Vitest leaves one processor idle. On a machine with two, that is half of them.
    maxWorkers: '100%',
    env: { PFO_TEST_RESULTS: keptResults },
    // No test is about its own time. These limits only end a test that hangs, also on a busy machine.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    sequence: { sequencer: SlowFilesFirst },
    coverage: {
      include: measured.map(([files]) => files),
      reporter: ['text', 'lcovonly'],
      skipFull: true,
      thresholds: Object.fromEntries(measured),
    },
  },
})
