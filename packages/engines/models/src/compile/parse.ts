// SPDX-License-Identifier: GPL-2.0-only
import type TS from 'typescript'
import { ts } from './typescript.ts'

/** Parses one source file. Sets parent pointers. */
export function parseSource(path: string, text: string): TS.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true, ts.ScriptKind.TS)
}

/** Line number of a position, counted from 1. */
export function lineOf(file: TS.SourceFile, position: number): number {
  return file.getLineAndCharacterOfPosition(position).line + 1
}
