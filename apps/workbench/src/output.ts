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
import { ownedPrefix, reclaim } from '@pfo-workbench/variant'
import { reasonOf, UsageError } from './errors.ts'

/** Why a file cannot be written, in words. */
function whyNot(file: string, cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : ''
  const folder = dirname(file)
  if (file === '') return 'its name is empty'
  const isThere = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
  if (code === 'ENOENT' && isThere) return `no file can be made in ${folder}`
  if (code === 'ENOENT' || code === 'ENOTDIR') return `there is no folder ${folder}`
  if (code === 'EACCES' || code === 'EPERM') return `you may not write into ${folder}`
  if (code === 'EROFS') return `the file system of ${folder} is read-only`
  if (code === 'ENOSPC' || code === 'EDQUOT') return `there is no room in ${folder}`
  if (code === 'ENAMETOOLONG') return 'its name is too long'
  return reasonOf(cause)
}

function cannotBeWritten(file: string, cause: unknown): UsageError {
  const name = file === '' ? '--output' : file
  return new UsageError(`${name}: the report cannot be written: ${whyNot(file, cause)}`, { cause })
}

/** The regular file that a name leads to or will be made as; null for a device or a pipe. */
function regularFile(file: string): string | null {
  if (file === '') throw new Error('no name')
  const there = statSync(file, { throwIfNoEntry: false })
  if (there === undefined) return file
  if (there.isDirectory()) throw new Error('it is a folder')
  return there.isFile() ? realpathSync(file) : null
}

/** Directories beside a report in which it is written first; one that a killed process left is known by its name. */
const kind = '.pfo-report'

/** Does something with a file in a new directory beside another, on the same disk. Nobody else knows its name or can enter. */
function withFileBeside(file: string, work: (temporary: string) => void): void {
  const folder = mkdtempSync(join(dirname(file), ownedPrefix(kind)))
  try {
    work(join(folder, basename(file)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Finds out whether a report can be written, before minutes of work for it, and removes what a killed process left there.
 *
 * @throws UsageError when it cannot
 */
export async function checkWritable(file: string): Promise<void> {
  try {
    const regular = regularFile(file)
    if (regular === null) {
      accessSync(file, constants.W_OK)
      return
    }
    await reclaim(dirname(regular), kind)
    withFileBeside(regular, (temporary) => {
      writeFileSync(temporary, '')
    })
  } catch (cause) {
    throw cannotBeWritten(file, cause)
  }
}

/**
 * Writes a file in one go: it is there whole or not at all. A device or a pipe is written to.
 *
 * @throws UsageError when it cannot be written
 */
export function writeWhole(file: string, content: string): void {
  try {
    const regular = regularFile(file)
    if (regular === null) writeFileSync(file, content)
    else {
      const mode = statSync(regular, { throwIfNoEntry: false })?.mode ?? 0o666
      withFileBeside(regular, (temporary) => {
        // On the disk before it has the name: after a power cut, too, it is there whole or not at all.
        writeFileSync(temporary, content, { mode, flush: true })
        renameSync(temporary, regular)
      })
    }
  } catch (cause) {
    throw cannotBeWritten(file, cause)
  }
}

/** Whether to colour what goes to a stream: only on a terminal that can, and if NO_COLOR (no-color.org) does not forbid it. */
export function wantsColor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
}

/**
 * Prints to stdout and waits until it is out. A reader that went away early is no fault.
 *
 * @throws UsageError when it cannot be written
 */
export async function print(content: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(content, (fault) => {
      if (fault == null || (fault as NodeJS.ErrnoException).code === 'EPIPE') resolve()
      else reject(new UsageError(`the report cannot be printed: ${fault.message}`, { cause: fault }))
    })
  })
}

/**
 * Shows a report that may be longer than the screen: on a terminal through the pager that `PAGER` names, or `less`; elsewhere as
 * `putReport` does.
 */
export async function showReport(report: string, file: string | undefined): Promise<void> {
  if (file !== undefined || !process.stdout.isTTY) {
    await putReport(report, file)
    return
  }
  const pager = process.env['PAGER'] ?? 'less'
  const isShown = pager !== '' && pager !== 'cat' && (await page(report, pager))
  if (!isShown) await print(report)
}

/** How a shell says that there is no such program. */
const noSuchProgram = 127

/** @returns false if there is no such pager */
async function page(report: string, pager: string): Promise<boolean> {
  return new Promise((resolve) => {
    // As git does: what is shorter than the screen is left on it, and colours are let through.
    const env = { LESS: 'FRX', LV: '-c', ...process.env }
    const child = spawn('/bin/sh', ['-c', pager], { env, stdio: ['pipe', 'inherit', 'inherit'] })
    child.once('error', () => {
      resolve(false)
    })
    child.once('close', (code) => {
      resolve(code !== noSuchProgram)
    })
    // The pager may be left before it has read everything.
    child.stdin.on('error', () => undefined)
    child.stdin.end(report)
  })
}

/** Puts a report where it was asked for: into a file, or on stdout. @throws as `writeWhole` and `print` */
export async function putReport(report: string, file: string | undefined): Promise<void> {
  if (file === undefined) await print(report)
  else writeWhole(file, report)
}
