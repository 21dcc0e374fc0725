// SPDX-License-Identifier: GPL-2.0-only

/** The lines between a directive such as `#ifdef` and the next one of its kind. */
interface Branch {
  readonly first: number
  readonly last: number
  /** Line of the directive that controls them. */
  readonly directive: number
  readonly text: string
}

/** The branches of conditionals in a C text, inner ones before outer ones. */
function branchesOf(text: string): readonly Branch[] {
  const found: Branch[] = []
  const open: { directive: number; text: string }[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const kind = /^\s*#\s*(if|ifdef|ifndef|elif|else|endif)\b/.exec(line)?.[1]
    if (kind === undefined) continue
    if (kind !== 'if' && kind !== 'ifdef' && kind !== 'ifndef') {
      const begun = open.pop()
      if (begun !== undefined) found.push({ ...begun, first: begun.directive + 1, last: index })
    }
    if (kind !== 'endif') open.push({ directive: index + 1, text: line.trim() })
  }
  return found
}

/**
 * The directive of the innermost conditional around a line.
 *
 * @returns null if there is none
 */
export function conditionOf(
  text: string,
  line: number,
): { readonly line: number; readonly text: string } | null {
  const branch = branchesOf(text).find(({ first, last }) => first <= line && line <= last)
  return branch === undefined ? null : { line: branch.directive, text: branch.text }
}

/**
 * True if a directive depends on only one configuration symbol and is known to hold. Returns false for all other
 * directives.
 *
 * @param valueOf - the value of a symbol
 */
export function isKnownToHold(directive: string, valueOf: (symbol: string) => string | undefined): boolean {
  const [, ifdef, enabled] =
    /^#\s*(?:ifdef\s+CONFIG_(\w+)|if\s+(?:IS_ENABLED|defined)\s*\(\s*CONFIG_(\w+)\s*\))\s*(?:\/[*/].*)?$/.exec(
      directive,
    ) ?? []
  // `#ifdef` does not hold for a module, which sets another macro.
  if (ifdef !== undefined) return valueOf(ifdef) !== undefined && valueOf(ifdef) !== 'm'
  if (enabled === undefined) return false
  const value = valueOf(enabled)
  return value === 'y' || (value === 'm' && directive.includes('IS_ENABLED'))
}
