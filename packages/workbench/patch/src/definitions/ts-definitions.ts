// SPDX-License-Identifier: GPL-2.0-only
import type { Definition } from './definition.ts'

const headers: readonly (readonly [Definition['kind'], RegExp])[] = [
  ['function', /^(?:async\s+)?function\*?\s+([A-Za-z_$][\w$]*)/],
  ['type', /^(?:abstract\s+)?(?:class|interface|type|enum|namespace)\s+([A-Za-z_$][\w$]*)/],
  ['object', /^(?:const|let|var)\s+([A-Za-z_$][\w$]*)/],
]

/** Kind and name of the definition that starts on a line of TypeScript in column 0, or null. */
export function readTsHeader(line: string): Pick<Definition, 'kind' | 'name'> | null {
  const text = line.replace(/^(?:(?:export|default|declare)\s+)*/, '')
  for (const [kind, pattern] of headers) {
    const name = pattern.exec(text)?.[1]
    if (name !== undefined) return { kind, name }
  }
  return null
}

/**
 * Finds the top-level definitions of a TypeScript file by indentation: a definition continues until a line in column 0
 * that does not close a bracket. Correct for sources formatted by Prettier, if no template string has text in column 0.
 */
export function tsDefinitions(text: string): Definition[] {
  const definitions: Definition[] = []
  let open: Pick<Definition, 'kind' | 'name' | 'start'> | null = null
  let end = 0
  const close = (): void => {
    if (open !== null) definitions.push({ ...open, end })
    open = null
  }
  for (const [index, line] of text.split('\n').entries()) {
    if (/^[^\s)\]}]/.test(line)) {
      close()
      const header = readTsHeader(line)
      if (header !== null) open = { ...header, start: index + 1 }
    }
    if (line.trim() !== '') end = index + 1
  }
  close()
  return definitions
}
