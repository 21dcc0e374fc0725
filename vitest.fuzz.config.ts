// SPDX-License-Identifier: GPL-2.0-only
import { defineConfig, mergeConfig } from 'vitest/config'
import config from './vitest.config.ts'

/**
 * The long run: the fuzz tests with more inputs, and refactorings and bad patches in more scenarios. `FUZZ_RUNS=100000
 * npm run fuzz` sets the number of inputs of each kind.
 */
export default mergeConfig(
  config,
  defineConfig({
    test: { name: 'fuzz', env: { FUZZ_RUNS: process.env['FUZZ_RUNS'] ?? '10000' }, testTimeout: 3_600_000 },
  }),
)
