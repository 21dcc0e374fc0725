// SPDX-License-Identifier: GPL-2.0-only
import { printable, printableLines } from '@pfo-workbench/wording'

/** The same document with all its texts printable. Diagnostics and reasons keep their line breaks. */
export function printableDocument<T>(data: T): T {
  const json = JSON.stringify(data, (key, value: unknown) => {
    if (typeof value !== 'string') return value
    return key === 'diagnostics' || key === 'reason' ? printableLines(value) : printable(value)
  })
  return JSON.parse(json) as T
}
