// SPDX-License-Identifier: GPL-2.0-only
import type { ShellAnswer } from './macros.ts'

/** Removes shell quotes from a word. */
const bare = (word: string): string => word.replaceAll(/["']/g, '')

/**
 * Evaluates a shell `test` that compares texts or numbers. Any other test is false.
 *
 * @param condition - such as `"$(cc-name)" = Clang`, with macros expanded
 */
function testOf(condition: string): boolean {
  const [, left = '', operator, right = ''] =
    /^("[^"]*"|'[^']*'|[^\s"']*)\s+(=|!=|-eq|-ne|-ge|-gt|-le|-lt)\s+("[^"]*"|'[^']*'|[^\s"']*)$/.exec(
      condition.trim(),
    ) ?? []
  const [a, b] = [bare(left), bare(right)]
  switch (operator) {
    case '=':
      return a === b
    case '!=':
      return a !== b
    case '-eq':
      return Number(a) === Number(b)
    case '-ne':
      return Number(a) !== Number(b)
    case '-ge':
      return Number(a) >= Number(b)
    case '-gt':
      return Number(a) > Number(b)
    case '-le':
      return Number(a) <= Number(b)
    case '-lt':
      return Number(a) < Number(b)
    default:
      return false
  }
}

/** True if a command succeeds. Comparisons of texts are evaluated here. A command that would start a program fails. */
function succeeds(command: string): boolean {
  const text = command.trim()
  if (text === 'true' || text === ':') return true
  const test = /^(?:test\s+([^;|&]*)|\[\s+([^;|&]*)\s+\])$/.exec(text)
  if (test !== null) return testOf(test[1] ?? test[2] ?? '')
  // Kernels ask in several ways whether the compiler is clang.
  return /\|\s*grep -q clang\s*$/.test(text)
}

/** Pattern of a shell command that prints one of two texts, as `if-success` in scripts/Kconfig.include generates it. */
const ifSuccess = /^\{\s*([^]*?);?\s*\}\s*>\/dev\/null 2>&1 && echo "([^"]*)" \|\| echo "([^"]*)"$/

/**
 * Answers the shell commands of a tree's Kconfig files. Nothing is run. Questions about the compiler are answered for
 * clang of the given version with its own assembler and linker. Tests of compiler options fail.
 *
 * @param clang - version as a number, 190107 for 19.1.7
 */
export function shellAnswers(clang: number): ShellAnswer {
  const version = String(clang)
  return (command) => {
    const [, condition, yes = '', no = ''] = ifSuccess.exec(command) ?? []
    if (condition !== undefined) return succeeds(condition) ? yes : no
    const [, first = '', second = '', wanted] =
      /^set -- (\S*) *(\S*)[^&]*&& echo \$([12])$/.exec(command) ?? []
    if (wanted !== undefined) return wanted === '1' ? first : second
    // Scripts that print the name and version of a program, by file name.
    const script =
      /(?:^|\s|\/)(cc|as|ld|clang|gcc|lld|rustc|pahole|rust_is_available|dummy)[-_]?(?:version|llvm-version)?\.sh\b/.exec(
        command,
      )?.[1]
    if (script === 'cc') return `Clang ${version}`
    if (script === 'as') return `LLVM ${version}`
    if (script === 'ld') return `LLD ${version}`
    if (script === 'clang' || script === 'lld') return version
    if (script !== undefined) return '0'
    return /clang/.test(command) && /--version/.test(command) ? `clang version ${version}` : ''
  }
}
