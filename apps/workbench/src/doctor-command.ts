// SPDX-License-Identifier: GPL-2.0-only
import { printable } from '@pfo-workbench/wording'
import { checkMachine, type Check } from './doctor-checks.ts'
import { print } from './output.ts'

/** Exit code for a machine on which nothing can be compared. */
const exitUnusable = 2

function textOf(checks: readonly Check[], usable: boolean): string {
  const width = Math.max(...checks.map(({ name }) => name.length))
  const lines = checks.flatMap(({ name, status, found, advice }) => [
    `${status.padEnd(7)}  ${name.padEnd(width)}  ${printable(found)}`,
    ...(advice === null ? [] : [`${' '.repeat(11 + width)}to do: ${advice}`]),
  ])
  const verdict = usable ? 'Patches can be compared here.' : 'Patches cannot be compared here: see "problem".'
  return `${lines.join('\n')}\n\n${verdict}\n`
}

/**
 * `pfo doctor`: checks the machine and says what to do about missing things.
 *
 * @returns the exit code: 0 if patches can be compared, otherwise 2
 */
export async function doctorCommand({ format }: { readonly format: 'text' | 'json' }): Promise<number> {
  const checks = await checkMachine()
  const usable = checks.every(({ status }) => status !== 'problem')
  await print(format === 'json' ? `${JSON.stringify({ usable, checks }, null, 2)}\n` : textOf(checks, usable))
  return usable ? 0 : exitUnusable
}
