// SPDX-License-Identifier: GPL-2.0-only
import { relative } from 'node:path'
import { defineConfig, mergeConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** The package whose script runs: what is measured is its sources, by its own tests. */
const measured = relative(import.meta.dirname, process.cwd())

export default mergeConfig(
  base,
  defineConfig({
    test: {
      coverage: {
        enabled: true,
        include: [`${measured}/src/**/*.ts`],
        reportsDirectory: `${measured}/coverage`,
        reporter: ['text', 'lcovonly'],
        skipFull: true,
        thresholds: { lines: 95, branches: 90 },
      },
    },
  }),
)
