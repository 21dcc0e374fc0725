// SPDX-License-Identifier: GPL-2.0-only
import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { UsageError } from './errors.ts'

/**
 * Writes a file in one go: it is there whole or not at all. A device or a pipe is written to.
 *
 * @throws UsageError when it cannot be written
 */
export function writeWhole(file: string, content: string): void {
  try {
    const there = statSync(file, { throwIfNoEntry: false })
    if (there === undefined) replace(file, content)
    else if (there.isFile()) replace(realpathSync(file), content)
    else writeFileSync(file, content)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(`${file}: the report cannot be written: ${reason}`, { cause })
  }
}

function replace(file: string, content: string): void {
  const temporary = join(dirname(file), `.pfo-${String(process.pid)}.tmp`)
  try {
    writeFileSync(temporary, content)
    renameSync(temporary, file)
  } finally {
    rmSync(temporary, { force: true })
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
