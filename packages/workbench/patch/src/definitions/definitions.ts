// SPDX-License-Identifier: GPL-2.0-only
import { cDefinitions, readCHeader } from './c-definitions.ts'
import type { Definition } from './definition.ts'
import { readTsHeader, tsDefinitions } from './ts-definitions.ts'

type Language = 'c' | 'typescript'

/** The language of a file by its name; null for unsupported ones. */
function languageOf(path: string): Language | null {
  if (/\.[ch]$/.test(path)) return 'c'
  return path.endsWith('.ts') ? 'typescript' : null
}

/**
 * Returns the top-level definitions of a C or TypeScript file, in line order.
 *
 * @param path - its name determines the language; files in other languages have no definitions
 */
export function definitionsIn(path: string, text: string): Definition[] {
  const language = languageOf(path)
  if (language === null) return []
  return language === 'c' ? cDefinitions(text) : tsDefinitions(text)
}

/**
 * Name of the definition that starts on a line, as in a hunk header or in column 0 of a file; null if there is none.
 */
export function definedName(path: string, line: string): string | null {
  const language = languageOf(path)
  if (language === null || !/^[A-Za-z_$]/.test(line) || line.trimEnd().endsWith(';')) return null
  if (/^\w+\s*:(?!:)/.test(line)) return null
  const name = (language === 'c' ? readCHeader(line) : readTsHeader(line))?.name ?? ''
  return name === '' ? null : name
}

/** Returns the definition that contains a line, or null. @param line - counted from 1 */
export function definitionAt(definitions: readonly Definition[], line: number): Definition | null {
  return definitions.find(({ start, end }) => start <= line && line <= end) ?? null
}

/** A definition that differs between two texts of a file. */
export interface ChangedDefinition {
  readonly change: 'added' | 'removed' | 'modified'
  /** The definition in the new text, or in the old one if it was removed. */
  readonly definition: Definition
}

/**
 * Returns the definitions that differ between two texts of a file. Moved definitions do not differ. Definitions of the
 * same name (branches of an `#if`) are matched by their order.
 *
 * @param before - null if the file did not exist
 * @param after - null if the file was deleted
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
