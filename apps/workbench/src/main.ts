// SPDX-License-Identifier: GPL-2.0-only
import { constants } from 'node:os'
import { modelsOf } from '@pfo-workbench/engine-models'
import { makeProgram } from './program.ts'
import { exitCodeOf, messageOf, nextStepOf } from './errors.ts'

// Whoever writes to stdout learns of the fault by itself; without a listener it would end the process.
process.stdout.on('error', () => undefined)

// Child processes and scratch directories go when the process exits, which a signal by itself would not let it do.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]))
}

try {
  await makeProgram().parseAsync(process.argv)
} catch (fault) {
  process.stderr.write(messageOf(fault) + (await modelsOf(fault)) + nextStepOf(fault))
  process.exitCode = exitCodeOf(fault)
}
