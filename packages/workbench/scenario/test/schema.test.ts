// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseYaml } from '@pfo-workbench/input'
import Ajv from 'ajv'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parseScenario, ScenarioError, scenarioJsonSchema } from '../src/index.ts'
import { textOf } from './support.ts'

const folder = join(import.meta.dirname, '../scenarios')
const shipped = ['standard', 'extended'].flatMap((set) =>
  readdirSync(join(folder, set)).map(
    (name) => [`${set}/${name}`, readFileSync(join(folder, set, name), 'utf8')] as const,
  ),
)
const parse = (text: string): unknown =>
  parseYaml(text, 'test.yaml', z.unknown(), (message) => new Error(message))
const accepts = new Ajv().compile(scenarioJsonSchema())

/** All parts of a schema that describe a field. */
function fieldsIn(schema: unknown, path = ''): [string, Record<string, unknown>][] {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([key, value]) => [
    ...(key === 'properties'
      ? Object.entries(value as Record<string, Record<string, unknown>>).map(
          ([name, one]): [string, Record<string, unknown>] => [`${path}/${name}`, one],
        )
      : []),
    ...fieldsIn(value, `${path}/${key}`),
  ])
}

describe('the schema for editors', () => {
  it('is shipped as a file', async () => {
    await expect(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../schema/scenario.schema.json',
    )
  })

  it('describes every field', () => {
    const found = fieldsIn(scenarioJsonSchema())
    expect(found.length).toBeGreaterThan(30)
    expect(found.filter(([, { description }]) => description === undefined).map(([path]) => path)).toEqual([])
  })

  it.each(shipped)('accepts %s, which names it', (_name, text) => {
    expect(accepts(parse(text)), JSON.stringify(accepts.errors)).toBe(true)
    expect(text).toMatch(
      /^# SPDX.*\n# yaml-language-server: \$schema=\.\.\/\.\.\/schema\/scenario\.schema\.json\n/,
    )
  })

  it.each([
    ['an unknown field', textOf('- load: a', 'titel: x\n')],
    ['a missing field', 'id: a\nsteps: [{ load: a }]\n'],
    ['an invalid id', 'id: A b\ntitle: t\nsteps: [{ load: a }]\n'],
    ['an empty title', 'id: a\ntitle: ""\nsteps: [{ load: a }]\n'],
    ['no steps', 'id: a\ntitle: t\nsteps: []\n'],
    ['an unknown step', textOf('- reboot: now')],
    ['a step that does nothing', textOf('- {}')],
    ['two actions in one step', textOf('- load: a\n  unload: b')],
    ['nothing to load', textOf('- load: []')],
    ['a list in a list', textOf('- load: [[a]]')],
    ['an unknown field of a step', textOf('- migrate: { fast: true }')],
    ['an unknown behavior of firmware', textOf('- migrate: { readd: twice }')],
    ['statuses of an unknown service', textOf('- migrate: { statuses: { display-character: [1] } }')],
    ['a status that is not a number', textOf('- migrate: { statuses: { "ibm,suspend-me": [a] } }')],
    ['a missing field of a step', textOf('- write: { path: /x }')],
    ['a relative path', textOf('- update: { node: vdevice, property: status, value: okay }')],
    ['a cell of 33 bits', textOf('- update: { node: /vdevice, property: x, value: [0x100000000] }')],
    ['a negative phandle', textOf('- lookup: -1')],
    ['allocation 0', textOf('- fail: { allocation: 0 }')],
    ['an invalid function name', textOf('- fail: { allocation: 1, in: "a b" }')],
    ['an unknown configuration', textOf('- load: a', 'machine: { config: { endian: middle } }\n')],
    ['an id that names a set of scenarios', 'id: all\ntitle: t\nsteps: [{ load: a }]\n'],
    ['a status of a service that does not exist', textOf('- firmware: { statuses: { reboot: [1] } }')],
    ['an unknown migration state', textOf('- migrate: { vasi: [lost] }')],
    ['too many processors', textOf('- load: a', 'machine: { partition: { spareProcessors: 99 } }\n')],
    ['an empty blob name', textOf('- load: a', 'machine: { devicetree: "" }\n')],
  ])('refuses %s, as the parser does', (_what, text) => {
    expect(() => parseScenario(text, 'test.yaml')).toThrow(ScenarioError)
    expect(accepts(parse(text))).toBe(false)
  })
})
