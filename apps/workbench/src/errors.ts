// SPDX-License-Identifier: GPL-2.0-only
import { CheckError } from '@pfo-workbench/check'
import { ClangError } from '@pfo-workbench/clang'
import { BootError, CompareError, RefusedScenarioError, SeriesError } from '@pfo-workbench/compare'
import { KernelBuildError } from '@pfo-workbench/engine-c'
import { KbuildError } from '@pfo-workbench/kbuild'
import { KernelTreeError } from '@pfo-workbench/kernel-tree'
import { PatchError } from '@pfo-workbench/patch'
import { ScenarioError } from '@pfo-workbench/scenario'
import { VariantError } from '@pfo-workbench/variant'
import { CommanderError } from 'commander'
import { saidByPfo } from './text.ts'

/** The command line asks for something that is not there or cannot be done. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What a fault says of itself, whatever was thrown. */
export const reasonOf = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault))

/** Exit codes of `pfo`: what the caller gave was bad, or the fault is ours. */
const BAD_INPUT = 2
const OUR_FAULT = 3

function isBadInput(fault: unknown): fault is Error {
  return (
    fault instanceof UsageError ||
    fault instanceof PatchError ||
    fault instanceof ScenarioError ||
    fault instanceof SeriesError ||
    fault instanceof RefusedScenarioError ||
    fault instanceof BootError ||
    fault instanceof KernelTreeError ||
    fault instanceof KbuildError ||
    fault instanceof KernelBuildError ||
    fault instanceof ClangError ||
    fault instanceof CheckError ||
    // The folder for what is temporary is the caller's choice.
    (fault instanceof VariantError && (fault.code === 'merge' || fault.code === 'temporary'))
  )
}

/** The exit code that a fault ends `pfo` with. Help and version are not faults. */
export function exitCodeOf(fault: unknown): number {
  if (fault instanceof CommanderError) return fault.exitCode === 0 ? 0 : BAD_INPUT
  return isBadInput(fault) ? BAD_INPUT : OUR_FAULT
}

/** What is printed on stderr about a fault. */
export function messageOf(fault: unknown): string {
  // Commander has printed its own.
  if (fault instanceof CommanderError) return ''
  // Where the machine lacks something that the workbench needs, the message says what.
  if (isBadInput(fault) || fault instanceof VariantError || fault instanceof CompareError)
    return saidByPfo(fault.message)
  const details = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
  return saidByPfo(`internal error, please report it:\n${details}`)
}

/** What else can be done with an input that was refused: a line for stderr, or nothing. */
export function nextStepOf(fault: unknown): string {
  return fault instanceof PatchError && fault.code === 'c-patch'
    ? 'With --kernel TREE the patch is compiled and played as it is, on that kernel tree.\n'
    : ''
}
