// SPDX-License-Identifier: GPL-2.0-only
import { isKernelFunction } from '@pfo-workbench/kernel/kernel-name'

const head = /^export const \w+: Subsystem = \{$/
const element = /^ {4}\{ level: '\w+', fn: (\w+) \},$/

/**
 * Reads the entries of a subsystem's initcall table. Recognises the lines by the layout that prettier gives them.
 *
 * @returns one line per entry; null if the subsystem has anything besides a name and this table
 */
function tableAt(lines: readonly string[], at: number): string[] | null {
  const [name = '', start, ...rest] = lines.slice(at + 1, lines.indexOf('}', at))
  const end = rest.pop()
  const isTable = /^ {2}name: '[\w-]+',$/.test(name) && start === '  initcalls: [' && end === '  ],'
  return isTable && rest.every((line) => element.test(line)) ? rest : null
}

/**
 * True if a name in a file stands for the function of that name: the file imports or defines the function, and no
 * changed file renames another item to this name.
 */
function isItself(name: string, text: string, changed: Iterable<string | null>): boolean {
  const alias = new RegExp(String.raw`\bas\b[^,}]*\b${name}\b`)
  if ([...changed].some((other) => other !== null && alias.test(other))) return false
  const imported = [...text.matchAll(/^import \{([^}]*)\} from /gm)].flatMap(([, names = '']) =>
    names.split(','),
  )
  const defined = new RegExp(String.raw`^(?:export )?function ${name}\(`, 'm')
  return imported.some((one) => one.trim() === name) || defined.test(text)
}

/**
 * Functions that a patch adds to the initcall table of a subsystem, if that is all that it changes there. The changed
 * table has one effect: the boot calls these functions. So only call chains through them contain changed code.
 *
 * @param before - text of the file without the patch
 * @param line - line at which the subsystem starts, counted from 1
 * @param changed - texts of all changed files
 * @returns null if no subsystem of the old file starts at the line, if the patch changes something else in the
 * subsystem, or if call chains do not show one of the functions
 */
export function addedInitcalls(
  before: string | undefined,
  text: string,
  line: number,
  changed: Iterable<string | null>,
): string[] | null {
  const [old, now] = [before?.split('\n') ?? [], text.split('\n')]
  const first = now[line - 1] ?? ''
  if (!head.test(first) || !old.includes(first)) return null
  const was = old.indexOf(first)
  const [known, table] = [tableAt(old, was), tableAt(now, line - 1)]
  if (known === null || table === null || old[was + 1] !== now[line]) return null
  const left = [...known]
  const added = table.filter((one) => {
    if (one !== left[0]) return true
    left.shift()
    return false
  })
  const functions = added.map((one) => element.exec(one)?.[1] ?? '')
  const others = [...changed]
  const areShown = functions.every((name) => isKernelFunction(name) && isItself(name, text, others))
  return functions.length > 0 && left.length === 0 && areShown ? functions : null
}
