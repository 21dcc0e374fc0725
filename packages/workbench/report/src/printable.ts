// SPDX-License-Identifier: GPL-2.0-only
import { printable, printableLines } from '@pfo-workbench/wording'

export { printable, printableLines }

function printableValue(value: unknown, key: string): unknown {
  if (typeof value === 'string') {
    if (key === 'content') return value
    return key === 'reason' ? printableLines(value) : printable(value)
  }
  if (typeof value !== 'object' || value === null) return value
  // Most texts are printable. Only changed parts are copied: a comparison has millions of values.
  if (Array.isArray(value)) {
    let copy: unknown[] | null = null
    for (const [index, one] of value.entries()) {
      const shown = printableValue(one, '')
      if (shown !== one) (copy ??= [...(value as unknown[])])[index] = shown
    }
    return copy ?? value
  }
  let copy: Record<string, unknown> | null = null
  for (const [name, one] of Object.entries(value)) {
    const shown = printableValue(one, name)
    if (shown !== one) (copy ??= { ...value })[name] = shown
  }
  return copy ?? value
}

/**
 * Makes all texts of the data printable. Only a `reason` keeps its line breaks. The `content` of a file is unchanged,
 * because it is quoted when it is shown.
 *
 * @param data - plain data
 * @returns the data itself if all texts are printable, otherwise a copy that shares the unchanged parts
 */
export function printableData<T>(data: T): T {
  return printableValue(data, '') as T
}
