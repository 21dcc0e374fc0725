// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { missingPath, run, type ProcessLimits } from '@pfo-workbench/process'
import { ClangError } from './error.ts'
import type { Compiler } from './find.ts'
import { overlayText, type OverlayMount } from './overlay.ts'
import { warningOptions } from './warnings.ts'

/** One file to compile. */
export interface CompileJob {
  /** Path of the C file in the tree. */
  readonly file: string
  /** Options for the language, the target and the include paths. Paths are relative to the tree. */
  readonly flags: readonly string[]
  /** Real locations of the files of the tree. */
  readonly mounts: readonly OverlayMount[]
  /** Texts that replace files of the tree, by path. Null: the file does not exist. */
  readonly texts: ReadonlyMap<string, string | null>
  /** True to enable the warnings of the kernel's build. */
  readonly warnings: boolean
  /**
   * Writes more files of the tree to disk, called when the compiler misses a header.
   *
   * @returns all mounts
   */
  readonly provide?: (paths: readonly string[]) => Promise<readonly OverlayMount[]>
  /** Called when the compiler runs, also when it is retried with more headers. */
  readonly onStart?: () => void
}

/** The output of clang for a file. */
export interface ClangOutput {
  readonly status: 'ok'
  /** The text that clang wrote. */
  readonly text: string
  /** Files that were read, including the C file, by path in the tree. */
  readonly headers: readonly string[]
  /** Warnings, as clang prints them. */
  readonly diagnostics: string
}

/** Result of running clang on a file. */
export type ClangResult = ClangOutput | NotCompiled

/** Reason why clang wrote nothing for a file. */
export type NotCompiled =
  /** Not valid C. `diagnostics` is clang's output, with paths relative to the tree. */
  | { readonly status: 'invalid'; readonly diagnostics: string }
  | { readonly status: 'timeout' | 'crashed'; readonly reason: string; readonly diagnostics: string }

/** Limits of one compilation. A large file takes a second or two and about 200 MB. */
export const compileLimits: ProcessLimits = {
  milliseconds: 60_000,
  outputBytes: 64 << 20,
  memoryMegabytes: 2_048,
  fileMegabytes: 64,
}

/** The output that clang writes: the front end's IR, or the preprocessed text with its `#define` lines. */
export type OutputKind = 'ir' | 'preprocessed'

/** `-O1` defines `__OPTIMIZE__`, which some headers test. */
const outputOptions: Readonly<Record<OutputKind, readonly string[]>> = {
  ir: ['-O1', '-Xclang', '-disable-llvm-passes', '-g', '-gdwarf-4', '-S', '-emit-llvm', '-o', '-'],
  preprocessed: ['-O1', '-E', '-dD', '-o', '-'],
}

/** Maximum number of attempts, each with more headers than the one before, until the error is reported. */
const maxAttempts = 20

/** Paths at which the compiler may have looked for a missing header. */
function candidates(diagnostics: string, flags: readonly string[]): string[] {
  const [, includer, header] =
    /^(.*?):\d+:\d+: fatal error: '([^']+)' file not found$/m.exec(diagnostics) ?? []
  if (includer === undefined || header === undefined) return []
  const folders = [
    posix.dirname(includer),
    ...flags.filter((flag) => flag.startsWith('-I')).map((flag) => flag.slice(2)),
  ]
  return folders
    .map((folder) => posix.normalize(`${folder}/${header}`))
    .filter((path) => !path.startsWith('..'))
}

/** The prerequisites of a make rule that `-MD` wrote. */
function parseDependencies(text: string): string[] {
  return text
    .slice(text.indexOf(':') + 1)
    .replaceAll(/\\\r?\n/g, ' ')
    .split(/(?<!\\)\s+/)
    .filter((path) => path !== '')
    .map((path) => posix.normalize(path.replaceAll(/\\([ #])/g, '$1').replaceAll('$$', '$')))
}

/** The compiler, its limits and the caller's signal. */
export interface CompileContext {
  readonly compiler: Compiler
  readonly limits: ProcessLimits
  readonly output: OutputKind
  readonly signal?: AbortSignal | undefined
}

/**
 * Compiles one file in its own temporary folder.
 *
 * @param folder - must not exist yet; removed at the end
 * @throws ClangError `workspace` if the folder cannot be written
 */
export async function compileIn(
  folder: string,
  job: CompileJob,
  context: CompileContext,
): Promise<ClangResult> {
  try {
    const files = new Map<string, string | null>()
    const root = join(folder, 'tree')
    // clang's driver checks in the real file system that the input file exists.
    await writeNew(join(root, job.file), '')
    let number = 0
    for (const [path, text] of job.texts) {
      const real = text === null ? null : join(folder, 'texts', String(number++))
      if (real !== null) await writeNew(real, text ?? '')
      files.set(path, real)
    }
    let { mounts } = job
    for (let attempt = 1; ; attempt++) {
      await writeFile(join(folder, 'overlay'), overlayText(root, files, mounts))
      const compiled = await compileOnce(folder, root, job, context)
      const gone = mounts.find(({ from }) => from !== missingPath && !existsSync(from))
      if (gone !== undefined) {
        const reason = `compiling ${job.file}: ${gone.from} was deleted meanwhile`
        return { status: 'crashed', reason, diagnostics: compiled.diagnostics }
      }
      if (compiled.status !== 'invalid' || job.provide === undefined || attempt === maxAttempts)
        return compiled
      const missing = candidates(compiled.diagnostics, job.flags)
      if (missing.length === 0) return compiled
      const more = await job.provide(missing)
      if (more.length === mounts.length) return compiled
      mounts = more
    }
  } catch (fault) {
    if (!(fault instanceof Error) || !('syscall' in fault)) throw fault
    throw new ClangError(
      'workspace',
      `the compiler's temporary folder ${dirname(folder)} cannot be written: ${fault.message}. Accepted: a TMPDIR with some megabytes of room.`,
      { cause: fault },
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function writeNew(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

async function compileOnce(
  folder: string,
  root: string,
  job: CompileJob,
  { compiler, limits, output, signal }: CompileContext,
): Promise<ClangResult> {
  const result = await run({
    file: compiler.file,
    args: [
      // A configuration file could load plugins.
      '--no-default-config',
      ...['-ivfsoverlay', join(folder, 'overlay'), '-ffile-compilation-dir=.'],
      ...job.flags,
      ...warningOptions(job.warnings),
      ...outputOptions[output],
      ...['-MD', '-MT', 'x', '-MF', join(folder, 'dependencies')],
      job.file,
    ],
    cwd: root,
    env: { LC_ALL: 'C', TMPDIR: folder },
    limits,
    signal,
    onStart: job.onStart,
  })
  const diagnostics = result.stderr
  if (result.status === 'timeout')
    return { status: 'timeout', reason: `compiling ${job.file}: ${result.reason}`, diagnostics }
  if (result.status !== 'exited')
    return { status: 'crashed', reason: `compiling ${job.file}: ${result.reason}`, diagnostics }
  if (result.code !== 0) return failureOf(job.file, result.code, diagnostics)
  const dependencies = await readFile(join(folder, 'dependencies'), 'utf8')
  return {
    status: 'ok',
    text: result.stdout.toString('utf8'),
    headers: parseDependencies(dependencies),
    diagnostics,
  }
}

/** Distinguishes errors in the C file from failures of the compiler. */
function failureOf(file: string, code: number, diagnostics: string): NotCompiled {
  const isOfCompiler =
    /PLEASE submit a bug report|LLVM ERROR|out of memory|terminate called|std::bad_alloc/.test(diagnostics)
  if (!isOfCompiler && /(?:^|\s)(?:fatal )?error: /m.test(diagnostics))
    return { status: 'invalid', diagnostics }
  return {
    status: 'crashed',
    reason: `compiling ${file}: clang ended with code ${String(code)}`,
    diagnostics,
  }
}
