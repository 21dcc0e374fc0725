// SPDX-License-Identifier: GPL-2.0-only
import { constants } from 'node:os'
import { modelsOf } from '@pfo-workbench/engine-models'
import { makeCli } from './cli.ts'
import { exitCodeOf, stderrText, nextStepOf } from './errors.ts'

// Write errors are reported through the callback of `write`. Without a listener they would also end the process.
process.stdout.on('error', () => undefined)

// On exit, child processes are killed and temporary folders removed. A signal that is not handled would skip this.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]))
}

try {
  await makeCli().parseAsync(process.argv)
} catch (fault) {
  process.stderr.write(stderrText(fault) + (await modelsOf(fault)) + nextStepOf(fault))
  process.exitCode = exitCodeOf(fault)
}
