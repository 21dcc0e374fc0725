// SPDX-License-Identifier: GPL-2.0-only
import { printable, printableLines } from '@pfo-workbench/run'

export { printable, printableLines }

/**
 * The same data with all its texts printable. Only a `reason` may have several lines. The `content` of a file that was read is left
 * as it is: it is quoted where it is shown.
 */
export function printableData<T>(data: T): T {
  const json = JSON.stringify(data, (key, value: unknown) => {
    if (typeof value !== 'string' || key === 'content') return value
    return key === 'reason' ? printableLines(value) : printable(value)
  })
  return JSON.parse(json) as T
}
