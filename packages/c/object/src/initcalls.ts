// SPDX-License-Identifier: GPL-2.0-only
import type { IrModule } from '@pfo-workbench/ir'
import type { ObjectInitcall } from './object.ts'

const pattern = /^\.initcall(early|rootfs|\d+s?)\.init$/

/** Level `6` for `.initcall6.init`, `con` for `.con_initcall.init`; null for any other section. */
function initcallLevel(section: string): string | null {
  if (section === '.con_initcall.init') return 'con'
  return pattern.exec(section)?.[1] ?? null
}

/**
 * Finds functions that run at boot: pointers in initcall sections (before 5.9, or on architectures without relative
 * pointers), and `.long function - .` in assembler at file scope.
 */
export function findInitcalls(module: IrModule): readonly ObjectInitcall[] {
  const initcalls: ObjectInitcall[] = []
  for (const { section, initializer } of module.globals.values()) {
    const level = section === null ? null : initcallLevel(section)
    if (level !== null && initializer?.kind === 'global')
      initcalls.push({ level, function: initializer.name })
  }
  let level: string | null = null
  for (const line of module.moduleAsm) {
    for (const statement of line.split(';')) {
      const section = /^\s*\.section\s+"?([^",\s]+)/.exec(statement)?.[1]
      if (section !== undefined) level = initcallLevel(section)
      else if (/^\s*\.previous\b/.test(statement)) level = null
      const name = /^\s*\.(?:long|4byte)\s+([\w.$]+)\s*-\s*\./.exec(statement)?.[1]
      if (level !== null && name !== undefined) initcalls.push({ level, function: name })
    }
  }
  return initcalls
}
