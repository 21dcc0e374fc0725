// SPDX-License-Identifier: GPL-2.0-only

/** The lines between a directive such as `#ifdef` and the next one of its kind. */
export interface Branch {
  readonly first: number
  readonly last: number
  /** Line of the directive that controls them. */
  readonly directive: number
  /** The directive, such as `#ifdef CONFIG_A`. */
  readonly text: string
}

/** The branches of conditionals in a C text, inner ones before outer ones. */
export function branchesOf(text: string): readonly Branch[] {
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
