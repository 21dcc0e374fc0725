// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pseriesQemuDeviceTree } from '@pfo-workbench/powervm'
import { describe, expect, it } from 'vitest'
import { stepNames } from '@pfo-workbench/run'
import { loadScenario, parseScenario, ScenarioError, shippedScenarios } from '../src/index.ts'
import { refusal, scenarioOf, textOf } from './support.ts'

describe('a scenario', () => {
  it('needs an id, a title and steps; by default the machine is the recorded one', () => {
    expect(scenarioOf('- load: pseries_rng')).toEqual({
      id: 'a-test',
      title: 'A test',
      machine: { config: {}, devicetree: null },
      steps: [{ load: ['pseries_rng'] }],
    })
  })

  it('can have every kind of step', () => {
    const { steps } = scenarioOf(`- load: [a, b]
- unload: a
- migrate: {}
- migrate: { readd: per-node }
- ofdt: remove_node /x
- read: [/sys/a, /proc/b]
- update: { node: /vdevice, property: status, value: disabled }
- lookup: [/x, 0xfffffff4]
- fail: { allocation: 2 }
- fail: { allocation: 1, in: f_1 }
- firmware: { statuses: { get-sensor-state: [-1] } }
- write: { path: /sys/a, data: "1" }`)
    expect(steps).toEqual([
      { load: ['a', 'b'] },
      { unload: ['a'] },
      { migrate: { readd: 'hierarchy' } },
      { migrate: { readd: 'per-node' } },
      { ofdt: ['remove_node /x'] },
      { read: ['/sys/a', '/proc/b'] },
      { update: { node: '/vdevice', property: 'status', value: 'disabled', by: 'migration' } },
      { lookup: ['/x', 0xfffffff4] },
      { fail: { allocation: 2, in: null } },
      { fail: { allocation: 1, in: 'f_1' } },
      { firmware: { statuses: { 'get-sensor-state': [-1] } } },
      { write: { path: '/sys/a', data: '1' } },
    ])
    expect(new Set(steps.flatMap((step) => Object.keys(step)))).toEqual(new Set(stepNames))
  })

  it('can set the resources that firmware has besides its tree', () => {
    const partition = { phandles: 'colliding', spareProcessors: 2 }
    const text = `machine: { partition: { phandles: colliding, spareProcessors: 2 } }\n`
    expect(scenarioOf('- migrate: {}', text).machine).toEqual({ config: {}, devicetree: null, partition })
  })

  it.each(['all', 'standard'])('cannot have the id "%s", because it names a set of scenarios', (id) => {
    expect(refusal(`id: ${id}\ntitle: t\nsteps: [{ load: a }]\n`)).toMatch(
      /"id": must not be the name of a set of scenarios/,
    )
  })

  it('can deviate from the recorded configuration', () => {
    const config = 'machine: { config: { endian: big, refcount: plain, hungTaskTimeout: 120 } }\n'
    expect(scenarioOf('- migrate: {}', config).machine.config).toEqual({
      endian: 'big',
      refcount: 'plain',
      hungTaskTimeout: 120,
    })
  })

  it('names its device tree blob relative to its own file, and contains the bytes of the blob', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pfo-scenario-'))
    const file = join(folder, 'a.yaml')
    const blobFile = join(folder, 'a.dtb')
    const machine = 'machine: { devicetree: a.dtb }\n'
    try {
      writeFileSync(file, textOf('- migrate: {}', machine))
      expect(() => loadScenario(file)).toThrow(ScenarioError)
      expect(() => loadScenario(file)).toThrow(
        `${blobFile}: the device tree of scenario a-test cannot be read: there is no such file`,
      )
      writeFileSync(blobFile, Uint8Array.of(1, 2))
      expect(() => loadScenario(file)).toThrow(ScenarioError)
      expect(() => loadScenario(file)).toThrow(
        `${blobFile}: the device tree of scenario a-test cannot be booted: Flattened device tree, byte`,
      )
      const blob = pseriesQemuDeviceTree()
      writeFileSync(blobFile, blob)
      expect(loadScenario(file).machine.devicetree).toEqual([...blob])
      const update = '- update: { node: /nowhere, property: status, value: okay, by: prrn }'
      writeFileSync(file, textOf(`- migrate: {}\n${update}`, machine))
      expect(() => loadScenario(file)).toThrow(
        `${blobFile}: scenario a-test, "steps.1.update": Firmware knows no node "/nowhere"; it knows /`,
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('a refused scenario is reported with place and accepted input', () => {
  it.each([
    [
      'an unknown field',
      textOf('- load: a', 'titel: x\n'),
      '3:1: unknown field "titel"; accepted here: id, title, machine, steps. Did you mean "title"?',
    ],
    ['a missing field', 'id: a\nsteps: [{ load: a }]\n', '1:1: "title": is missing; expected a string'],
    [
      'an invalid id',
      'id: A b\ntitle: t\nsteps: [{ load: a }]\n',
      '1:1: "id": must be lower-case words joined by "-"',
    ],
    ['no steps', 'id: a\ntitle: t\nsteps: []\n', '3:1: "steps": must not be empty'],
    [
      'a step that does nothing',
      textOf('- load: a\n- {}'),
      '5:5: "steps.1": a step has exactly one of: load, unload, migrate, update, lookup, ofdt, fail, firmware, read, write',
    ],
    [
      'two actions in one step',
      textOf('- load: a\n  unload: b'),
      '4:5: "steps.0": a step has exactly one of: load, unload, migrate, update, lookup, ofdt, fail, firmware, read, write',
    ],
    [
      'an unknown field of a step',
      textOf('- migrate: { readd: per-node, fast: true }'),
      '4:33: unknown field "steps.0.migrate.fast"; accepted here: readd, statuses, vasi, nodesPerCall. Did you mean "vasi"?',
    ],
    [
      'a missing field of a step',
      textOf('- write: { path: /x }'),
      '4:5: "steps.0.write.data": is missing; expected a string',
    ],
    [
      'a list where a string belongs',
      textOf('- load: [[a]]'),
      '4:5: "steps.0.load": must be a string or a list of strings',
    ],
    [
      'an unknown behavior of firmware',
      textOf('- migrate: { readd: twice }'),
      '4:16: "steps.0.migrate.readd": expected one of "hierarchy", "per-node"; found "twice"',
    ],
    [
      'a misspelt value',
      textOf('- migrate: { readd: hierachy }'),
      '4:16: "steps.0.migrate.readd": expected one of "hierarchy", "per-node"; found "hierachy". Did you mean "hierarchy"?',
    ],
    [
      'a number out of range',
      textOf('- load: a', 'machine: { config: { hungTaskTimeout: 0.5 } }\n'),
      '3:22: "machine.config.hungTaskTimeout": expected a whole number, found 0.5',
    ],
    [
      'a cell of more than 32 bits',
      textOf('- update: { node: /vdevice, property: x, value: [0x100000000] }'),
      '4:52: "steps.0.update.value.0": must be at most 4294967295',
    ],
    [
      'an unknown configuration',
      textOf('- load: a', 'machine: { config: { endian: middle } }\n'),
      '3:22: "machine.config.endian": expected one of "big", "little"; found "middle"',
    ],
    ['an empty file', '', '1:1: expected fields, found nothing'],
  ])('%s', (_what, text, message) => {
    expect(refusal(text)).toBe(`test.yaml:${message}`)
  })

  it.each([
    ['id: a\ntitle: [\n', '3:1', 'Flow sequence in block collection must be sufficiently indented'],
    ['id: a\nid: b\n', '2:1', 'Map keys must be unique'],
    ['id: a\ntitle: *b\n', '2:8', 'no anchor "&b" precedes it'],
    ['id: !secret a\n', '1:5', 'Unresolved tag: !secret'],
  ])('text that is not YAML: %j', (text, place, fault) => {
    expect(refusal(text)).toContain(`test.yaml:${place}: not valid YAML: ${fault}`)
  })

  it('an unknown step', () => {
    expect(refusal(textOf('- load: a\n- reload: now'))).toBe(
      'test.yaml:5:5: unknown field "steps.1.reload"; accepted here: load, unload, migrate, update, lookup, ofdt, fail, firmware, read, write. Did you mean "load"?',
    )
  })

  it('an update of a node or property that firmware does not have', () => {
    const update = '- load: a\n- update: { node: /nowhere, property: status, value: okay }'
    expect(refusal(textOf(update))).toMatch(
      /^test\.yaml:5:5: "steps\.1\.update": Firmware knows no node "\/nowhere"; it knows \/.*, \/vdevice/,
    )
    const long = `- update: { node: /vdevice, property: ${'x'.repeat(300)}, value: okay }`
    expect(refusal(textOf(long))).toMatch(/^test\.yaml:4:5: "steps\.0\.update": Change of property "x+" of/)
  })

  it('several faults, one per line', () => {
    expect(refusal('id: A\nsteps: 1\n').split('\n')).toEqual([
      'test.yaml:1:1: "id": must be lower-case words joined by "-"',
      'test.yaml:1:1: "title": is missing; expected a string',
      'test.yaml:2:1: "steps": expected a list, found a number',
    ])
  })

  it('aliases that expand exponentially', () => {
    const level = (name: string, of: string): string =>
      `${name}: &${name} [${Array(9).fill(of).join(', ')}]\n`
    const bomb = level('a', 'x') + level('b', '*a') + level('c', '*b') + level('d', '*c')
    expect(refusal(bomb)).toBe(
      'test.yaml:2:8: not valid YAML: Excessive alias count indicates a resource exhaustion attack',
    )
  })

  it('too many aliases', () => {
    expect(refusal(`id: &a x\ntitle: [${'*a, '.repeat(101)}]\n`)).toBe(
      'test.yaml:2:409: too many aliases: at most 100 are read',
    )
  })

  it.each(['[', '{a: ', '- ', '? ', '- - ', '[{', '[? '])('nesting that is too deep: %s', (opening) => {
    expect(refusal(opening.repeat(16_000))).toMatch(
      /^test\.yaml:1:\d+: nested too deeply: at most 32 levels are read$/,
    )
  })

  it('a list as the name of a field', () => {
    expect(refusal('? [a]\n: b\n')).toBe('test.yaml:1:3: not valid YAML: field names must be strings')
  })

  it('a text that is too long', () => {
    expect(refusal('a'.repeat(65_537))).toBe(
      'test.yaml:1:1: too long: 65537 characters; at most 65536 are read',
    )
  })

  it('too many faults to list', () => {
    expect(
      refusal(textOf('- x: 1\n'.repeat(30).trimEnd()))
        .split('\n')
        .slice(9),
    ).toEqual([
      expect.stringMatching(/^test\.yaml:13:5: unknown field "steps\.9\.x"; accepted here/),
      'test.yaml: 20 more faults',
    ])
  })

  it('a name that is long or contains control characters', () => {
    expect(refusal(`"\\e[31m${'x'.repeat(100)}": 1\n`)).toContain(
      `test.yaml:1:1: unknown field "\\u001b[31m${'x'.repeat(55)}..."; accepted here: `,
    )
  })

  it('an endless file', () => {
    expect(() => loadScenario('/dev/zero')).toThrow(ScenarioError)
    expect(() => loadScenario('/dev/zero')).toThrow(
      '/dev/zero: the scenario cannot be read: it is a device. Accepted: a regular file',
    )
  })

  it('a missing file', () => {
    expect(() => loadScenario('/nowhere/a.yaml')).toThrow(ScenarioError)
    expect(() => loadScenario('/nowhere/a.yaml')).toThrow(
      '/nowhere/a.yaml: the scenario cannot be read: there is no such file',
    )
  })
})

describe('the shipped scenarios', () => {
  it('have these ids, in this order', () => {
    expect(shippedScenarios().map(({ id }) => id)).toEqual([
      'lpm-once-hierarchy',
      'lpm-twice-hierarchy',
      'lpm-thrice-hierarchy',
      'lpm-once-per-node',
      'lpm-twice-per-node',
      'lpm-thrice-per-node',
      'ofdt-remove-add',
      'sysfs-after-lpm',
      'property-update-after-lpm',
      'driver-reload-after-lpm',
      'lookup-after-lpm',
      'module-load-after-lpm',
      'failed-migration',
      'prrn-during-lpm',
      'memory-pressure',
      'memory-pressure-property-name',
      'memory-pressure-directory',
      'memory-pressure-kobject',
      'memory-pressure-property-file',
    ])
  })

  it('include one, two and three migrations for both ways in which firmware adds the facilities again', () => {
    const shipped = shippedScenarios().filter(({ id }) => /^lpm-/.test(id))
    expect(shipped).toHaveLength(6)
    for (const { id, steps } of shipped) {
      const readd = id.endsWith('per-node') ? 'per-node' : 'hierarchy'
      const times = ['once', 'twice', 'thrice'].indexOf(id.split('-')[1] ?? '') + 1
      expect(steps).toEqual([
        { load: ['pseries_rng', 'nx_compress_pseries', 'nx_crypto'] },
        ...Array.from({ length: times }, () => ({ migrate: { readd } })),
      ])
    }
  })

  it('form two sets, and their ids and titles are unique', () => {
    const all = shippedScenarios('all')
    expect(all).toEqual([...shippedScenarios('standard'), ...shippedScenarios('extended')])
    expect(shippedScenarios('standard')).toHaveLength(19)
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    expect(new Set(all.map(({ title }) => title)).size).toBe(all.length)
  })

  it('survive conversion to JSON and back, the format that other engines receive', () => {
    for (const scenario of shippedScenarios('all')) {
      expect(parseScenario(JSON.stringify(scenario), 'test.json')).toEqual(scenario)
    }
  })
})
