// SPDX-License-Identifier: GPL-2.0-only
import { PatchError } from './error.ts'

/** Top-level directories of the kernel's source tree. */
const kernelTree =
  /^(?:Documentation|arch|block|certs|crypto|drivers|firmware|fs|include|init|io_uring|ipc|kernel|lib|mm|net|rust|samples|scripts|security|sound|tools|usr|virt)\//

function isKernelPath(path: string): boolean {
  return kernelTree.test(path) || /\.(?:c|h|S)$/.test(path)
}

/** The function that starts on a line of C in column 0, or that a hunk header names. */
function functionIn(line: string): string | null {
  if (!/^[A-Za-z_]/.test(line) || /^(?:struct|union|enum|typedef)\b[^(]*$/.test(line)) return null
  const name = /\b([A-Za-z_]\w*)\s*\(/.exec(line)?.[1] ?? null
  return name === null || /^(?:if|for|while|switch|return|sizeof|__attribute__)$/.test(name) ? null : name
}

/** Kernel functions in which the diff adds or removes lines, in order of appearance. */
function touchedFunctions(lines: readonly string[]): string[] {
  const touched = new Set<string>()
  let current: string | null = null
  let inHunk = false
  for (const line of lines) {
    const section = /^@@ .*? @@ ?(.*)$/.exec(line)?.[1]
    if (section !== undefined) {
      current = functionIn(section)
      inHunk = true
    } else if (/^(?:diff |--- \S|\+\+\+ \S|[^ +\-\\])/.test(line)) {
      inHunk = false
    } else if (inHunk) {
      const text = line.slice(1)
      if (!text.trimEnd().endsWith(';')) current = functionIn(text) ?? current
      if (/^[+-]/.test(line) && current !== null) touched.add(current)
    }
  }
  return [...touched]
}

const list = (names: readonly string[], shown = 8): string =>
  names.slice(0, shown).join(', ') + (names.length > shown ? ` and ${String(names.length - shown)} more` : '')

/**
 * Recognizes a patch for the kernel's C sources, for callers that do not accept those.
 *
 * @param lines - the text with the diff, which may be malformed
 * @param source - name of the input
 * @param instead - what to do instead, as a sentence
 * @returns the error that says what the patch is and what to do, or null for other patches
 */
export function recogniseKernelPatch(
  lines: readonly string[],
  source: string,
  instead: string,
): PatchError | null {
  const files = new Set<string>()
  for (const line of lines) {
    const name = /^(?:diff --git a\/|(?:---|\+\+\+) [^/\s]+\/)([^\s/][^\s]*)/.exec(line)?.[1]
    if (name !== undefined && isKernelPath(name)) files.add(name)
  }
  if (files.size === 0) return null
  const functions = touchedFunctions(lines)
  const touching = functions.length === 0 ? '' : `, touching ${list(functions.map((name) => `${name}()`))}`
  return new PatchError(
    'c-patch',
    source,
    `${source}: a patch against the kernel's C sources (${list([...files])})${touching}. ${instead}`,
    functions,
  )
}
