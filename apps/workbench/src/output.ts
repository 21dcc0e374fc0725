// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process'
import {
  accessSync,
  constants,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { messageOf } from '@pfo-workbench/errors'
import { ownedPrefix, removeStaleFolders } from '@pfo-workbench/process'
import { UsageError } from './usage-error.ts'

/** Explains why a file cannot be written. */
function whyNot(file: string, cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : ''
  const folder = dirname(file)
  if (file === '') return 'its name is empty'
  const isThere = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
  if (code === 'ENOENT' && isThere) return `no file can be created in ${folder}`
  if (code === 'ENOENT' || code === 'ENOTDIR') return `there is no folder ${folder}`
  if (code === 'EACCES' || code === 'EPERM') return `no permission to write to ${folder}`
  if (code === 'EROFS') return `the file system of ${folder} is read-only`
  if (code === 'ENOSPC' || code === 'EDQUOT') return `no space left in ${folder}`
  if (code === 'ENAMETOOLONG') return 'its name is too long'
  return messageOf(cause)
}

function cannotBeWritten(file: string, cause: unknown): UsageError {
  const name = file === '' ? '--output' : file
  return new UsageError(`${name}: the report cannot be written: ${whyNot(file, cause)}`, { cause })
}

/** The regular file to write, with links resolved; null for a device or a pipe. @throws Error for a folder */
function regularFile(file: string): string | null {
  if (file === '') throw new Error('no name')
  const there = statSync(file, { throwIfNoEntry: false })
  if (there === undefined) return file
  if (there.isDirectory()) throw new Error('it is a folder')
  return there.isFile() ? realpathSync(file) : null
}

/**
 * A report is first written in a folder whose name starts with this text. The text identifies folders that a killed
 * process left.
 */
const kind = '.pfo-report'

/**
 * Calls `work` with the path of a temporary file on the same disk. The path is in a new folder that only this user can
 * enter. Removes the folder afterwards.
 */
function withFileBeside(file: string, work: (temporary: string) => void): void {
  const folder = mkdtempSync(join(dirname(file), ownedPrefix(kind)))
  try {
    work(join(folder, basename(file)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Tests whether a report can be written, before minutes of work are spent on it. Removes folders that a killed
 * process left.
 *
 * @throws UsageError if it cannot be written
 */
export async function checkWritable(file: string): Promise<void> {
  try {
    const regular = regularFile(file)
    if (regular === null) {
      accessSync(file, constants.W_OK)
      return
    }
    await removeStaleFolders(dirname(regular), kind)
    withFileBeside(regular, (temporary) => {
      writeFileSync(temporary, '')
    })
  } catch (cause) {
    throw cannotBeWritten(file, cause)
  }
}

/**
 * Writes a file atomically: it is complete or unchanged. Devices and pipes are written directly.
 *
 * @throws UsageError if it cannot be written
 */
export function writeFileAtomically(file: string, content: string): void {
  try {
    const regular = regularFile(file)
    if (regular === null) writeFileSync(file, content)
    else {
      const mode = statSync(regular, { throwIfNoEntry: false })?.mode ?? 0o666
      withFileBeside(regular, (temporary) => {
        // Flush before the rename, so that the file is complete even after a power failure.
        writeFileSync(temporary, content, { mode, flush: true })
        renameSync(temporary, regular)
      })
    }
  } catch (cause) {
    throw cannotBeWritten(file, cause)
  }
}

/**
 * True if output to this stream should be coloured: it is a terminal with colours, and NO_COLOR (no-color.org) is not
 * set.
 */
export function wantsColor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
}

/**
 * Prints to stdout and waits until everything is written. A reader that closes the pipe early is not an error.
 *
 * @throws UsageError if stdout cannot be written
 */
export async function print(content: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(content, (fault) => {
      if (fault == null || (fault as NodeJS.ErrnoException).code === 'EPIPE') resolve()
      else reject(new UsageError(`the report cannot be printed: ${fault.message}`, { cause: fault }))
    })
  })
}

/** Shows a long report. On a terminal, uses the pager in `PAGER` or `less`; otherwise, works like `writeReport`. */
export async function showReport(report: string, file: string | undefined): Promise<void> {
  if (file !== undefined || !process.stdout.isTTY) {
    await writeReport(report, file)
    return
  }
  const pager = process.env['PAGER'] ?? 'less'
  const isShown = pager !== '' && pager !== 'cat' && (await page(report, pager))
  if (!isShown) await print(report)
}

/** Exit code of a shell for a missing program. */
const noSuchProgram = 127

/** Shows a report in the pager. @returns false if the pager does not exist */
async function page(report: string, pager: string): Promise<boolean> {
  return new Promise((resolve) => {
    // Like git: leave short text on the screen, and pass colours through.
    const env = { LESS: 'FRX', LV: '-c', ...process.env }
    const child = spawn('/bin/sh', ['-c', pager], { env, stdio: ['pipe', 'inherit', 'inherit'] })
    child.once('error', () => {
      resolve(false)
    })
    child.once('close', (code) => {
      resolve(code !== noSuchProgram)
    })
    // The user may quit the pager before it has read everything.
    child.stdin.on('error', () => undefined)
    child.stdin.end(report)
  })
}

/** Writes a report to a file, or to stdout. @throws as `writeFileAtomically` and `print` */
export async function writeReport(report: string, file: string | undefined): Promise<void> {
  if (file === undefined) await print(report)
  else writeFileAtomically(file, report)
}
