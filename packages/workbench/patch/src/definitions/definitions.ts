// SPDX-License-Identifier: GPL-2.0-only
import { cDefinitions, readCHeader } from './c-definitions.ts'
import type { Definition } from './definition.ts'
import { readTsHeader, tsDefinitions } from './ts-definitions.ts'

type Language = 'c' | 'typescript'

/** The language of a file by its name; null for those whose definitions are not known. */
function languageOf(path: string): Language | null {
  if (/\.[ch]$/.test(path)) return 'c'
  return path.endsWith('.ts') ? 'typescript' : null
}

/**
 * What a C or TypeScript file defines at its top level, in the order of its lines.
 *
 * @param path - its name says the language; files in other languages have no definitions
 */
export function definitionsIn(path: string, text: string): Definition[] {
  const language = languageOf(path)
  if (language === null) return []
  return language === 'c' ? cDefinitions(text) : tsDefinitions(text)
}

/** Name of what a line defines, as it stands in a hunk header or in column 0 of a file; null if it defines nothing. */
export function definedName(path: string, line: string): string | null {
  const language = languageOf(path)
  if (language === null || !/^[A-Za-z_$]/.test(line) || line.trimEnd().endsWith(';')) return null
  if (/^\w+\s*:(?!:)/.test(line)) return null
  const name = (language === 'c' ? readCHeader(line) : readTsHeader(line))?.name ?? ''
  return name === '' ? null : name
}

/** The definition that a line is in, or null. @param line - counts from 1 */
export function definitionAt(definitions: readonly Definition[], line: number): Definition | null {
  return definitions.find(({ start, end }) => start <= line && line <= end) ?? null
}

/** How a definition differs between two texts of a file. */
export interface ChangedDefinition {
  readonly change: 'added' | 'removed' | 'modified'
  /** As in the text after the change; as before if it was removed. */
  readonly definition: Definition
}

/**
 * The definitions that differ between two texts of a file. What merely moved does not differ. Several of one name (branches of
 * an `#if`) are told apart by their order.
 *
 * @param before - null if the file did not exist
 * @param after - null if the file is gone
 */
export function changedDefinitions(
  path: string,
  before: string | null,
  after: string | null,
): ChangedDefinition[] {
  const old = keyed(path, before)
  const now = keyed(path, after)
  const changed: ChangedDefinition[] = []
  for (const [key, { definition, text }] of now) {
    const was = old.get(key)
    if (was === undefined) changed.push({ change: 'added', definition })
    else if (was.text !== text) changed.push({ change: 'modified', definition })
  }
  for (const [key, { definition }] of old) {
    if (!now.has(key)) changed.push({ change: 'removed', definition })
  }
  return changed
}

function keyed(
  path: string,
  text: string | null,
): Map<string, { readonly definition: Definition; readonly text: string }> {
  const found = new Map<string, { readonly definition: Definition; readonly text: string }>()
  if (text === null) return found
  const lines = text.split('\n')
  const counts = new Map<string, number>()
  for (const definition of definitionsIn(path, text)) {
    const name = `${definition.kind} ${definition.name}`
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    const { start, end } = definition
    found.set(`${name} ${String(count)}`, { definition, text: lines.slice(start - 1, end).join('\n') })
  }
  return found
}
