// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { ClangError, findClang } from '@pfo-workbench/clang'
import { createTwoFilesPatch } from 'diff'
import { scratch } from '../support.ts'
import { tinyKernel } from './tiny-kernel.ts'

/** True if clang is installed. If not, prints that tests are left out. */
export async function findsClang(what: string): Promise<boolean> {
  try {
    await findClang({ env: process.env })
    return true
  } catch (fault) {
    if (!(fault instanceof ClangError)) throw fault
    console.info(`${what} that compile are left out: ${fault.message}`)
    return false
  }
}

/** A new folder for a kernel tree. */
export const makeFolder = (): string => mkdtempSync(join(scratch, 'kernel-'))

/** A patch with one replacement per file of the tiny kernel. An empty text to replace appends to the file. */
export function patchOf(...changes: readonly (readonly [path: string, from: string, to: string])[]): string {
  return changes
    .map(([path, from, to]) => {
      const old = tinyKernel[path] ?? ''
      if (from !== '' && !old.includes(from)) throw new Error(`${path} has no "${from}"`)
      const text = from === '' ? old + to : old.replace(from, to)
      const [before, after] = [old === '' ? '/dev/null' : `a/${path}`, `b/${path}`]
      return createTwoFilesPatch(before, after, old, text).replace(/^=+\n/, '')
    })
    .join('')
}
