// SPDX-License-Identifier: GPL-2.0-only
import type { Command } from 'commander'

/** What a command is told about the kernel tree that it works on. */
export interface KernelOptions {
  /** The tree; without it the models are played. */
  readonly kernel?: string
  readonly config?: string
  readonly clang?: string
  readonly revert?: boolean
}

/** Commands that play variants, of the models or of a kernel tree. */
const players: readonly string[] = ['compare', 'minimal', 'run', 'explain', 'diff']

/** Adds what commands that play variants take for a kernel tree. */
export function addKernelOptions(program: Command): void {
  for (const command of program.commands.filter((one) => players.includes(one.name()))) {
    command
      .option(
        '--kernel <tree>',
        'play C patches on this kernel tree: a folder, or DIR@COMMIT (default commit: HEAD)',
      )
      .option(
        '--config <file>',
        'with --kernel: a .config for 64-bit powerpc (default: as little as the scenarios need)',
      )
      .option(
        '--clang <file>',
        'with --kernel: the compiler, clang 16 or later (default: PFO_CLANG, or the first in PATH)',
      )
    // The smallest stack is looked for among patches that the tree lacks.
    if (command.name() !== 'minimal')
      command.option('--revert', 'with --kernel: take the patches out of a tree that has them')
  }
}

/** The words that name the kernel in a command that a user is to run: none for the models. */
export function kernelWords({ kernel, config, revert }: KernelOptions): string[] {
  if (kernel === undefined) return []
  return [
    '--kernel',
    kernel,
    ...(config === undefined ? [] : ['--config', config]),
    ...(revert === true ? ['--revert'] : []),
  ]
}
