// SPDX-License-Identifier: GPL-2.0-only
import { defineConfig } from 'vitest/config'

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
  },
})
