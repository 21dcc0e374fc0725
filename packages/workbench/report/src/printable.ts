// SPDX-License-Identifier: GPL-2.0-only
import { printable, printableLines } from '@pfo-workbench/run'

export { printable, printableLines }

/**
 * Makes all texts of the data printable. Only a `reason` keeps its line breaks. The `content` of a file is unchanged,
 * because it is quoted when it is shown.
 */
export function printableData<T>(data: T): T {
  const json = JSON.stringify(data, (key, value: unknown) => {
    if (typeof value !== 'string' || key === 'content') return value
    return key === 'reason' ? printableLines(value) : printable(value)
  })
  return JSON.parse(json) as T
}
