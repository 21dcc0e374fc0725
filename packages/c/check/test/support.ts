// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseModule } from '@pfo-workbench/ir'
import { applyPatch } from 'diff'
import {
  contractsWith,
  defaultBudgets,
  judgeChange,
  judgeFile,
  type JudgedFile,
  type JudgeOptions,
  type LineRange,
  type FileVersion,
} from '../src/index.ts'

export const fixtures: string = join(import.meta.dirname, 'fixtures')

const contracts = contractsWith()
export const options: JudgeOptions = {
  contracts,
  classes: contracts.defaultClasses(),
  budgets: defaultBudgets,
}

/** The committed IR of a fixture, by clang version. */
export function irOf(source: string, clang: '16' | '19' = '19'): string {
  return readFileSync(join(fixtures, `clang-${clang}`, source.replace(/\.c$/, '.ll')), 'utf8')
}

/** A version of a file, made from IR and the text of the fixture. */
export function version(
  source: string,
  ir: string = irOf(source),
  changed: readonly LineRange[] = [],
): FileVersion {
  return { module: parseModule(ir), readFile: readFixture, changed }
}

const read = (name: string): string => readFileSync(join(fixtures, name), 'utf8')

/** The text of a fixture. `NAME-after.c` is `NAME.c` after `NAME.patch`. */
export function textOf(source: string): string {
  const [, name] = /^(.*)-after\.c$/.exec(source) ?? []
  if (name === undefined) return read(source)
  const after = applyPatch(read(`${name}.c`), read(`${name}.patch`))
  if (after === false) throw new Error(`${name}.patch does not apply to ${name}.c`)
  return after
}

/** The sources of all fixtures, with those that are made by a patch. */
export const sources: readonly string[] = readdirSync(fixtures).flatMap((name) => {
  if (name.endsWith('.patch')) return [name.replace(/\.patch$/, '-after.c')]
  return name.endsWith('.c') ? [name] : []
})

function readFixture(file: string): string | null {
  const name = basename(file)
  return name === 'kernel.h' || sources.includes(name) ? textOf(name) : null
}

export function judge(source: string, ir?: string): JudgedFile {
  return judgeFile(source, version(source, ir), options)
}

/** A range of all lines, as if a patch touched the whole file. */
const everything: readonly LineRange[] = [{ first: 1, last: 1_000_000 }]

/** Judges `NAME.patch` as a patch of one file that touches all lines. */
export function judgePatch(name: string): JudgedFile {
  const changed = (source: string): FileVersion => ({
    ...version(source, irOf(source).replaceAll(`"${source}"`, '"changed.c"'), everything),
    readFile: () => textOf(source),
  })
  return judgeChange('changed.c', changed(`${name}.c`), changed(`${name}-after.c`), options)
}

/** The expected findings of each function of a fixture: `// expect error leak` above the function. */
export function expectations(source: string): ReadonlyMap<string, string> {
  const text = textOf(source)
  const expected = new Map<string, string>()
  for (const [, what, name] of text.matchAll(/^\/\/ expect (.+)\n[^\n]*?(\w+)\(/gm)) {
    if (what !== undefined && name !== undefined) expected.set(name, what)
  }
  return expected
}
