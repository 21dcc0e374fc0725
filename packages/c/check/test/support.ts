// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseModule } from '@pfo-workbench/ir'
import {
  contractsWith,
  defaultBudgets,
  judgeChange,
  judgeFile,
  type FileVerdict,
  type JudgeOptions,
  type LineRange,
  type Version,
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
): Version {
  return { module: parseModule(ir), readFile: readFixture, changed }
}

function readFixture(file: string): string | null {
  const path = join(fixtures, basename(file))
  return /\.[ch]$/.test(path) && existsSync(path) ? readFileSync(path, 'utf8') : null
}

export function judge(source: string, ir?: string): FileVerdict {
  return judgeFile(source, version(source, ir), options)
}

/** A range of all lines, as if a patch touched the whole file. */
const everything: readonly LineRange[] = [{ first: 1, last: 1_000_000 }]

/** Judges the change from one fixture to another as a patch of one file that touches all lines. */
export function judgePair(before: string, after: string): FileVerdict {
  const renamed = (source: string): string => irOf(source).replaceAll(`"${source}"`, '"changed.c"')
  const one = { ...version(before, renamed(before), everything), readFile: () => readFixture(before) }
  const two = { ...version(after, renamed(after), everything), readFile: () => readFixture(after) }
  return judgeChange('changed.c', one, two, options)
}

/** The expected findings of each function of a fixture: `// expect error leak` above the function. */
export function expectations(source: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(fixtures, source), 'utf8')
  const expected = new Map<string, string>()
  for (const [, what, name] of text.matchAll(/^\/\/ expect (.+)\n[^\n]*?(\w+)\(/gm)) {
    if (what !== undefined && name !== undefined) expected.set(name, what)
  }
  return expected
}
