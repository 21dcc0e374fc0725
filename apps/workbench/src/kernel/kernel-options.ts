// SPDX-License-Identifier: GPL-2.0-only
import type { Command } from 'commander'
import { UsageError } from '../usage-error.ts'

/** Command-line options about the kernel tree. */
export interface KernelOptions {
  /** The kernel tree. If undefined, the models are played. */
  readonly kernel?: string
  readonly config?: string
  readonly clang?: string
  readonly revert?: boolean
}

/** Commands that play variants. */
const players: readonly string[] = ['compare', 'minimal', 'run', 'explain', 'diff']

/** Adds the options for kernel trees to the commands that play variants. */
export function addKernelOptions(program: Command): void {
  for (const command of program.commands.filter((one) => players.includes(one.name()))) {
    command
      .option(
        '--kernel <tree>',
        'play C patches on this kernel tree: a folder, or DIR@COMMIT (default commit: the base-commit of the patch, or HEAD)',
      )
      .option(
        '--config <file>',
        'with --kernel: a .config for 64-bit powerpc (default: the minimum that the scenarios need)',
      )
      .option(
        '--clang <file>',
        'with --kernel: the compiler, clang 16 or later (default: PFO_CLANG, or the first in PATH)',
      )
    // `minimal` searches patches that the tree does not contain, so it has nothing to revert.
    if (command.name() !== 'minimal')
      command.option('--revert', 'with --kernel: revert the patches in a tree that contains them')
  }
}

/** Refuses options that make sense only with a tree, if no tree is given. @throws UsageError */
export function checkKernelOptions({ kernel, config, clang, revert }: KernelOptions): void {
  if (kernel !== undefined) return
  const given = { '--config': config, '--clang': clang, '--revert': revert }
  for (const [option, value] of Object.entries(given)) {
    if (value !== undefined)
      throw new UsageError(
        `${option} is for a kernel tree: name one with --kernel TREE, or leave ${option} out`,
      )
  }
}

/** The options that name the kernel in a suggested command; empty for the models. */
export function kernelOptionsToSuggest({ kernel, config, revert }: KernelOptions): string[] {
  if (kernel === undefined) return []
  return [
    '--kernel',
    kernel,
    ...(config === undefined ? [] : ['--config', config]),
    ...(revert === true ? ['--revert'] : []),
  ]
}
