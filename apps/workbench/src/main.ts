// SPDX-License-Identifier: GPL-2.0-only
import { makeProgram } from './program.ts'
import { exitCodeOf, messageOf } from './errors.ts'

try {
  await makeProgram().parseAsync(process.argv)
} catch (fault) {
  process.stderr.write(messageOf(fault))
  process.exitCode = exitCodeOf(fault)
}
