// SPDX-License-Identifier: GPL-2.0-only
import type { IrModule } from '@pfo-workbench/ir'
import type { ModuleFacts } from '../explore/module-facts.ts'

/** A range of lines, both ends included. */
export interface LineRange {
  readonly first: number
  readonly last: number
}

/** Maximum number of callers that are executed for one static function. */
const maxCallers = 6

/** True if a path in the debug information is a file of the tree, given by its relative path. */
export function isFile(path: string, file: string): boolean {
  return path === file || path.endsWith(`/${file}`)
}

/** The lines of a function's definition in a file; null if the file does not define the function. */
export function linesOf(module: IrModule, name: string, file: string): LineRange | null {
  const fn = module.functions.get(name)
  const subprogram = module.debug.subprogram(fn?.subprogram ?? null)
  if (fn?.defined !== true || subprogram === null || !isFile(subprogram.file, file)) return null
  let last = subprogram.line
  for (const block of fn.body()?.blocks ?? []) {
    for (const instruction of block.instructions) {
      const location = module.debug.location(instruction.location)
      if (location !== null && location.line > last && isFile(location.file, file)) last = location.line
    }
  }
  return { first: subprogram.line, last }
}

/** The functions of a file that contain a changed line. */
export function changedFunctions(
  module: IrModule,
  file: string,
  changed: readonly LineRange[],
): readonly string[] {
  const names: string[] = []
  for (const name of module.functions.keys()) {
    const lines = linesOf(module, name, file)
    if (lines === null) continue
    if (changed.some(({ first, last }) => first <= lines.last && last >= lines.first)) names.push(name)
  }
  return names
}

/**
 * The callers of changed static functions, at most `maxCallers` for each, without the changed functions themselves.
 * They decide what happens to references that the static function passes to its caller or takes from its caller.
 */
export function withStaticCallers(facts: ModuleFacts, changed: ReadonlySet<string>): ReadonlySet<string> {
  const callers = new Set<string>()
  for (const name of changed) {
    if (!isStatic(facts.module, name)) continue
    for (const caller of facts.callersOf(name).slice(0, maxCallers)) {
      if (!changed.has(caller)) callers.add(caller)
    }
  }
  return callers
}

/** True if a function can be called by name only from the module. */
export function isStatic(module: IrModule, name: string): boolean {
  const linkage = module.functions.get(name)?.linkage
  return linkage === 'internal' || linkage === 'private'
}

/** Functions of a file that take or drop references. */
export function countingFunctions(facts: ModuleFacts, file: string): readonly string[] {
  return [...facts.module.functions.keys()].filter(
    (name) => linesOf(facts.module, name, file) !== null && facts.countsReferences(name),
  )
}
