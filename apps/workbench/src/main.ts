// SPDX-License-Identifier: GPL-2.0-only
import { constants } from 'node:os'
import { CommanderError } from 'commander'
import { makeCli } from './cli.ts'

// Write errors are reported through the callback of `write`. Without a listener they would also end the process.
process.stdout.on('error', () => undefined)

// On exit, child processes are killed and temporary folders removed. A signal that is not handled would skip this.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]))
}

try {
  await makeCli().parseAsync(process.argv)
} catch (fault) {
  // The help is not an error. `errors.ts` imports most packages, so it is loaded only if there is an error.
  const isHelp = fault instanceof CommanderError && fault.exitCode === 0
  if (!isHelp) process.exitCode = await (await import('./errors.ts')).reportError(fault)
}
