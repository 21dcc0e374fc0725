// SPDX-License-Identifier: GPL-2.0-only
import { InputError } from '@pfo-workbench/errors'
import { CompareError } from '@pfo-workbench/compare'
import { modelsOf } from '@pfo-workbench/engine-models'
import { PatchError } from '@pfo-workbench/patch'
import { VariantError } from '@pfo-workbench/variant'
import { CommanderError } from 'commander'
import { formatStderrLine } from './stderr-line.ts'

/** Exit codes of `pfo` for bad input and for a fault of the workbench. */
const exitBadInput = 2
const exitFault = 3

function isBadInput(fault: unknown): fault is InputError {
  // `merge`: git is needed to merge patches, and the user can install it. The other errors of building variants are
  // faults of the workbench.
  if (fault instanceof VariantError) return fault.code === 'merge'
  return fault instanceof InputError
}

/** The exit code for an error. Help and version are not errors. */
export function exitCodeOf(fault: unknown): number {
  if (fault instanceof CommanderError) return fault.exitCode === 0 ? 0 : exitBadInput
  return isBadInput(fault) ? exitBadInput : exitFault
}

/** The message for stderr; empty if Commander has already printed a message. */
export function stderrText(fault: unknown): string {
  // Commander has already printed its message.
  if (fault instanceof CommanderError) return ''
  // These messages are complete; a stack trace would add nothing.
  if (isBadInput(fault) || fault instanceof VariantError || fault instanceof CompareError)
    return formatStderrLine(fault.message)
  const details = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
  return formatStderrLine(`internal error, please report it:\n${details}`)
}

/** Suggests another use of input that was refused, in a line for stderr; empty if there is none. */
function nextStepOf(fault: unknown): string {
  return fault instanceof PatchError && fault.code === 'c-patch'
    ? 'With --kernel TREE the patch is compiled and played as it is, on that kernel tree.\n'
    : ''
}

/** Writes the message for an error to stderr. @returns the exit code */
export async function reportError(fault: unknown): Promise<number> {
  process.stderr.write(stderrText(fault) + (await modelsOf(fault)) + nextStepOf(fault))
  return exitCodeOf(fault)
}
