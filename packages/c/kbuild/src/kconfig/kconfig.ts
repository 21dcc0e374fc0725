// SPDX-License-Identifier: GPL-2.0-only
import { isAtLeast, readText, type KernelTree } from '@pfo-workbench/kernel-tree'
import { Evaluation, type EvaluationOptions } from './evaluate.ts'
import { Macros, type ShellAnswer } from './macros.ts'
import type { KconfigModel } from './model.ts'
import { parseKconfig } from './parser.ts'
import { shellAnswers } from './shell-answers.ts'

/** The target for which Kconfig files are evaluated. */
export interface KconfigTarget {
  /** `ARCH` of make, which is also the name of the folder in `arch/`: `powerpc`, `arm`. */
  readonly arch: string
  /** Version of clang as a number: 190107 for 19.1.7. */
  readonly clang: number
  /** Answers shell commands without running them (default: `shellAnswers(clang)`). */
  readonly shell?: ShellAnswer
}

const versionText = (clang: number): string =>
  [Math.floor(clang / 10_000), Math.floor(clang / 100) % 100, clang % 100].join('.')

/**
 * Parses the Kconfig files of a tree.
 *
 * @throws KbuildError `kconfig`
 */
export async function readKconfig(
  tree: KernelTree,
  { arch, clang, shell }: KconfigTarget,
): Promise<KconfigModel> {
  const environment = new Map([
    ['ARCH', arch],
    ['SRCARCH', arch],
    ['srctree', '.'],
    ['KERNELVERSION', tree.version.text],
    ['CC', 'clang'],
    ['LD', 'ld.lld'],
    ['CC_VERSION_TEXT', `clang version ${versionText(clang)}`],
  ])
  const macros = new Macros(environment, shell ?? shellAnswers(clang))
  const read = async (path: string): Promise<string | null> => readText(tree, path.replace(/^\.\//, ''))
  return parseKconfig(read, macros, { membersNest: !isAtLeast(tree.version, [6, 11]) })
}

/** Creates an evaluation that behaves like the tree's own Kconfig program. */
export function createEvaluation(
  tree: KernelTree,
  model: KconfigModel,
  { base, set }: Pick<EvaluationOptions, 'base' | 'set'>,
): Evaluation {
  return new Evaluation(model, {
    base,
    set,
    choicesAreMenus: isAtLeast(tree.version, [6, 11]),
    impliedIsBuiltIn: !isAtLeast(tree.version, [5, 7]),
    numbersAreZero: isAtLeast(tree.version, [6, 8]),
  })
}
