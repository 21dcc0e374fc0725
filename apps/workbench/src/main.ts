// SPDX-License-Identifier: GPL-2.0-only
import { makeProgram } from './program.ts'
import { exitCodeOf, messageOf } from './errors.ts'

// Whoever writes to stdout learns of the fault by itself; without a listener it would end the process.
process.stdout.on('error', () => undefined)

try {
  await makeProgram().parseAsync(process.argv)
} catch (fault) {
  process.stderr.write(messageOf(fault))
  process.exitCode = exitCodeOf(fault)
}
