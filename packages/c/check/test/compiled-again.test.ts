// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { irOf, judge, sources, textOf } from './support.ts'

/** The options with which `build.sh` in the fixtures folder compiles. */
const options = [
  ...[
    '-S',
    '-emit-llvm',
    '--target=powerpc64-linux-gnu',
    '-std=gnu11',
    '-O2',
    '-Xclang',
    '-disable-llvm-passes',
    '-g',
  ],
  ...['-ffreestanding', '-w', '-o', '-'],
]

const compilers = ['clang-16', 'clang-19'].filter((name) => spawnSync(name, ['--version']).status === 0)

const folder = mkdtempSync(join(tmpdir(), 'pfo-fixtures-'))
for (const name of ['kernel.h', ...sources]) writeFileSync(join(folder, name), textOf(name))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

it.each(sources)('%s has committed IR of both versions of clang', (source) => {
  for (const clang of ['16', '19'] as const)
    expect(irOf(source, clang)).toContain(`source_filename = "${source}"`)
})

describe.each(compilers)('with %s (skipped if not installed)', (compiler) => {
  it.each(sources)('%s recompiled gives the same result as the committed IR', (source) => {
    const ir = execFileSync(compiler, [...options, source], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    })
    const told = (text: string): string[] =>
      judge(source, text)
        .findings.map(({ entry, severity, rule, at }) => `${entry} ${severity} ${rule} ${at.line}`)
        .sort()
    expect(told(ir)).toEqual(told(irOf(source)))
  })
})
