// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeCli } from '../src/cli.ts'

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
const commands = makeCli().commands.map((command) => ({ name: command.name(), options: command.options }))

describe.each(commands)('the README names pfo $name', ({ name, options }) => {
  it('with all its options', () => {
    expect(readme).toContain(`\`pfo ${name}`)
    for (const { long, argChoices } of options) {
      expect(readme).toContain(long ?? '')
      for (const choice of argChoices ?? []) expect(readme).toContain(`\`${choice}\``)
    }
  })
})

it('the README names no command or option that does not exist', () => {
  const named = [...readme.matchAll(/`pfo ([a-z]+)|`(--[a-z-]+)/g)].map(
    ([, command, option]) => command ?? option,
  )
  const known = commands.flatMap(({ name, options }) => [name, ...options.map(({ long }) => long)])
  expect(named.filter((word) => !known.includes(word))).toEqual([])
})
