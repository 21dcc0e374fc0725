// SPDX-License-Identifier: GPL-2.0-only
import { agreementCommand } from './command.ts'

process.exitCode = await agreementCommand(process.argv.slice(2), {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
})
