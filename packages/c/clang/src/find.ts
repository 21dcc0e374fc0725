// SPDX-License-Identifier: GPL-2.0-only
import { resolve } from 'node:path'
import { findExecutable, isExecutable, run, type ProcessLimits } from '@pfo-workbench/process'
import { ClangError } from './error.ts'

/** A clang that is installed on this machine. */
export interface Compiler {
  /** Absolute path. */
  readonly file: string
  /** Version as a number: 190107 for 19.1.7. */
  readonly version: number
  /** First line of `clang --version`. Part of the key of cached results. */
  readonly versionText: string
}

/** The oldest supported major version. */
export const oldestClang = 16

/** Instructions to install or select a compiler; appended to messages. */
export const installAdvice =
  'install one with "apt-get install clang-19", or name one with --clang FILE or PFO_CLANG'

/** Program names in the order in which they are tried. Versions newer than the tested ones come last. */
const names = ['clang-19', 'clang-18', 'clang-17', 'clang-16', 'clang', 'clang-22', 'clang-21', 'clang-20']

/** Required targets, as `-print-targets` names them. */
const neededTargets = ['ppc64le', 'ppc64', 'ppc32', 'arm']

const limits: ProcessLimits = { milliseconds: 30_000, outputBytes: 1 << 20, memoryMegabytes: 2_048 }

async function printed(file: string, option: string): Promise<string | null> {
  const result = await run({ file, args: [option], cwd: '/', limits })
  return result.status === 'exited' && result.code === 0 ? result.stdout.toString() : null
}

/**
 * Reads the version and the targets of a program.
 *
 * @throws ClangError if the program is not clang, is too old, or lacks a target
 */
async function examine(file: string): Promise<Compiler> {
  const [version, targetList] = await Promise.all([
    printed(file, '--version'),
    printed(file, '-print-targets'),
  ])
  const versionText = version?.split('\n')[0] ?? ''
  const [, major, minor = '0', patch = '0'] =
    /\bclang version (\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(versionText) ?? []
  if (major === undefined) throw new ClangError('not-found', `${file} is not clang; ${installAdvice}`)
  if (Number(major) < oldestClang)
    throw new ClangError(
      'too-old',
      `${file} is clang ${major}.${minor}.${patch}; ${String(oldestClang)} or later is needed: ${installAdvice}`,
    )
  const targets = new Set(targetList?.match(/^\s+[\w-]+/gm)?.map((word) => word.trim()))
  const missing = neededTargets.filter((target) => !targets.has(target))
  if (missing.length > 0)
    throw new ClangError('no-target', `${file} was built without ${missing.join(', ')}; ${installAdvice}`)
  return { file, version: Number(major) * 10_000 + Number(minor) * 100 + Number(patch), versionText }
}

/** Sources of the compiler's path. */
export interface FindOptions {
  /** The user's choice: a path, or a program name that is searched in PATH. */
  readonly named?: string | undefined
  /** The environment. Its PFO_CLANG is used if `named` is missing. */
  readonly env: NodeJS.ProcessEnv
}

/**
 * Finds the compiler: `named`, otherwise PFO_CLANG, otherwise the first suitable clang in PATH.
 *
 * @throws ClangError that states what was found and how to install a suitable compiler
 */
export async function findClang({ named, env }: FindOptions): Promise<Compiler> {
  const wanted = named ?? env['PFO_CLANG']
  if (wanted !== undefined && wanted !== '') {
    const file = wanted.includes('/') ? resolve(wanted) : findExecutable(wanted)
    if (file === null || !isExecutable(file))
      throw new ClangError('not-found', `there is no program ${wanted}; ${installAdvice}`)
    return examine(file)
  }
  let fault: ClangError | null = null
  for (const name of names) {
    const file = findExecutable(name)
    if (file === null) continue
    try {
      return await examine(file)
    } catch (caught) {
      if (!(caught instanceof ClangError)) throw caught
      fault ??= caught
    }
  }
  throw fault ?? new ClangError('not-found', `there is no clang on this machine; ${installAdvice}`)
}

/** Like `findClang`, but returns null if no compiler can be used. */
export async function findClangIfAny(options: FindOptions): Promise<Compiler | null> {
  try {
    return await findClang(options)
  } catch (fault) {
    if (fault instanceof ClangError) return null
    throw fault
  }
}
