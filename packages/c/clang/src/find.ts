// SPDX-License-Identifier: GPL-2.0-only
import { resolve } from 'node:path'
import { findProgram, isProgram, run, type ProcessLimits } from '@pfo-workbench/process'
import { ClangError } from './error.ts'

/** A clang of this machine. */
export interface Compiler {
  /** Absolute path. */
  readonly file: string
  /** As a number: 190107 for 19.1.7. */
  readonly version: number
  /** First line of what it says of itself. Part of the key of whatever is kept of its results. */
  readonly versionText: string
}

/** The oldest version that can be used. */
export const oldestClang = 16

/** How to get a compiler, for messages. */
export const installAdvice =
  'install one with "apt-get install clang-19", or name one with --clang FILE or PFO_CLANG'

/** Names that are tried, in order. Newer ones than those that were tested come last. */
const names = ['clang-19', 'clang-18', 'clang-17', 'clang-16', 'clang', 'clang-22', 'clang-21', 'clang-20']

/** Targets that files are compiled for, as `-print-targets` names them. */
const neededTargets = ['ppc64le', 'ppc64', 'ppc32', 'arm']

const limits: ProcessLimits = { milliseconds: 30_000, outputBytes: 1 << 20, memoryMegabytes: 2_048 }

async function printed(file: string, option: string): Promise<string | null> {
  const result = await run({ file, args: [option], cwd: '/', limits })
  return result.status === 'exited' && result.code === 0 ? result.stdout.toString() : null
}

/**
 * Finds out what a program is.
 *
 * @throws ClangError if it is no clang, too old, or lacks a target
 */
async function probe(file: string): Promise<Compiler> {
  const versionText = (await printed(file, '--version'))?.split('\n')[0] ?? ''
  const [, major, minor = '0', patch = '0'] =
    /\bclang version (\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(versionText) ?? []
  if (major === undefined) throw new ClangError('not-found', `${file} is not clang; ${installAdvice}`)
  if (Number(major) < oldestClang)
    throw new ClangError(
      'too-old',
      `${file} is clang ${major}.${minor}.${patch}; needed is ${String(oldestClang)} or later: ${installAdvice}`,
    )
  const targets = new Set(
    (await printed(file, '-print-targets'))?.match(/^\s+[\w-]+/gm)?.map((word) => word.trim()),
  )
  const missing = neededTargets.filter((target) => !targets.has(target))
  if (missing.length > 0)
    throw new ClangError('no-target', `${file} was built without ${missing.join(', ')}; ${installAdvice}`)
  return { file, version: Number(major) * 10_000 + Number(minor) * 100 + Number(patch), versionText }
}

/** Where a compiler is looked for. */
export interface FindOptions {
  /** What the user named: a path, or a name in PATH. */
  readonly named?: string | undefined
  /** The environment; its PFO_CLANG is used when nothing was named. */
  readonly env: NodeJS.ProcessEnv
}

/**
 * Finds the compiler: the one that was named, that of PFO_CLANG, or the first suitable one in PATH.
 *
 * @throws ClangError that says what was found and how to install what is needed
 */
export async function findClang({ named, env }: FindOptions): Promise<Compiler> {
  const wanted = named ?? env['PFO_CLANG']
  if (wanted !== undefined && wanted !== '') {
    const file = wanted.includes('/') ? resolve(wanted) : findProgram(wanted)
    if (file === null || !isProgram(file))
      throw new ClangError('not-found', `there is no program ${wanted}; ${installAdvice}`)
    return probe(file)
  }
  let fault: ClangError | null = null
  for (const name of names) {
    const file = findProgram(name)
    if (file === null) continue
    try {
      return await probe(file)
    } catch (caught) {
      if (!(caught instanceof ClangError)) throw caught
      fault ??= caught
    }
  }
  throw fault ?? new ClangError('not-found', `there is no clang on this machine; ${installAdvice}`)
}

/** The same for those who do without a compiler; null if there is none that can be used. */
export async function findClangIfAny(options: FindOptions): Promise<Compiler | null> {
  try {
    return await findClang(options)
  } catch (fault) {
    if (fault instanceof ClangError) return null
    throw fault
  }
}
