// SPDX-License-Identifier: GPL-2.0-only

/** The lines between a directive such as `#ifdef` and the next directive of the same conditional. */
export interface Branch {
  readonly first: number
  readonly last: number
  /** Line of the directive that begins the branch. */
  readonly directive: number
  /** The directive, such as `#ifdef CONFIG_A`. */
  readonly text: string
}

/** The branches of conditionals in a C text, inner ones before outer ones. */
export function branchesOf(text: string): readonly Branch[] {
  const found: Branch[] = []
  const open: Omit<Branch, 'last'>[] = []
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const kind = /^\s*#\s*(if|ifdef|ifndef|elif|else|endif)\b/.exec(lines[at] ?? '')?.[1]
    if (kind === undefined) continue
    const directive = at + 1
    if (kind !== 'if' && kind !== 'ifdef' && kind !== 'ifndef') {
      const begun = open.pop()
      if (begun !== undefined) found.push({ ...begun, last: at })
    }
    while (lines[at]?.endsWith('\\') === true) at++
    const whole = lines.slice(directive - 1, at + 1).map((line) => line.replace(/\\$/, '').trim())
    if (kind !== 'endif') open.push({ directive, first: at + 2, text: whole.join(' ') })
  }
  return found
}

const marker = '__pfo_branch_'

/**
 * Inserts a macro definition at the start of each branch of a C text. The preprocessor keeps the definitions of the
 * branches that it takes.
 */
export function withMarkers(text: string): string {
  const lines = text.split('\n')
  for (const { first, directive } of branchesOf(text).toSorted((a, b) => b.first - a.first))
    lines.splice(first - 1, 0, `#define ${marker}${String(directive)}`)
  return lines.join('\n')
}

/** The branches whose markers are in a preprocessed text, by the line of their directive. */
export function takenBranches(preprocessed: string): ReadonlySet<number> {
  const markers = preprocessed.matchAll(new RegExp(`^#define ${marker}(\\d+)`, 'gm'))
  return new Set([...markers].map(([, directive]) => Number(directive)))
}

/** The branches of a file that a compilation takes. */
export interface Preprocessed {
  /** The C file that was compiled: the file itself, or a file that includes it. */
  readonly file: string
  /** Lines of the directives of the branches that were taken. */
  readonly taken: ReadonlySet<number>
}

/**
 * Returns the reason why a line is compiled out: the outermost branch around it that is not taken.
 *
 * @param path - the file of the line
 * @param preprocessed - undefined if the file was not preprocessed
 * @returns null if all branches are taken, or if that is not known
 */
export function compiledOut(
  branches: readonly Branch[],
  line: number,
  path: string,
  preprocessed: Preprocessed | undefined,
): string | null {
  if (preprocessed === undefined) return null
  const { file, taken } = preprocessed
  const out = branches.findLast(
    ({ first, last, directive }) => first <= line && line <= last && !taken.has(directive),
  )
  if (out === undefined) return null
  const where = file === path ? '' : ` in ${file}`
  return `compiled out${where}: ${out.text} (line ${String(out.directive)})`
}
