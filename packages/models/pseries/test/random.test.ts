// SPDX-License-Identifier: GPL-2.0-only
import { errnoName, KMALLOC_MAX_SIZE, toBytes, type KernelConfig, type Machine } from '@pfo-workbench/kernel'
import { Partition, writeDeviceTree } from '@pfo-workbench/powervm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MIGRATION_SCOPE, PRRN_SCOPE, pseries_devicetree_update } from '../src/index.ts'
import { boot, firmwareWith, inTurns, putWords, type Service } from './support.ts'

/** A tree with only the facilities and /rtas, so that a machine boots quickly. */
const bare = writeDeviceTree({
  root: { name: '', properties: [], children: [] },
  bootCpu: 0,
  reservations: [],
})

const config: fc.Arbitrary<Partial<KernelConfig>> = fc.record({
  refcount: fc.constantFrom('plain', 'full'),
  modules: fc.boolean(),
  slubPoison: fc.boolean(),
})

/** Phandles of this tree, including those of the root and of /rtas, and some that belong to no node. */
const handle = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0xfffffff6, 0xfffffff5, 0xfffffff4, 0xfffffff3) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 8 }) },
)
const anyWord = fc.integer({ min: 0, max: 0xffffffff })
const status = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(0, 1, 2, 3, 4, -2) },
  { weight: 1, arbitrary: fc.constantFrom(5, -1, -3, -9003, 9900) },
)

/** Words that firmware writes from an offset in the area on, and the status of the answer. */
interface Answer {
  readonly status: number
  readonly words: readonly number[]
}

function answering(at: number, answers: readonly Answer[], last: number): Service {
  const services = answers.map(({ status: told, words }): Service => ([area]) => {
    if (area instanceof Uint8Array) putWords(area, at, words.slice(0, (area.length - at) / 4))
    return [told]
  })
  const end: Service = () => [last]
  return inTurns(services[0] ?? end, ...services.slice(1), end)
}

const nodeWord = fc.oneof(
  { weight: 3, arbitrary: handle },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 3 }))
      .map(([action, count]) => action * 0x1000000 + count),
  },
  { weight: 1, arbitrary: anyWord },
)
const nodeAnswers = fc.array(
  fc.record({ status: fc.constantFrom(0, 1, 1, 1), words: fc.array(nodeWord, { maxLength: 40 }) }),
  { maxLength: 3 },
)

/** `a\0`, `b\0`, lengths and other bytes that may occur among descriptors, unaligned. */
const propertyBytes = fc
  .array(
    fc.oneof(
      fc.constantFrom('\0', 'a\0', 'b\0', 'status\0', 'name\0', 'ibm,phandle\0'),
      fc.constantFrom('\0\0\0\0', '\x80\0\0\0', '\0\0\0\x01x', '\xff\xff\xff\xffx', '\xff\xff\xff\xfexy'),
      fc.uint8Array({ maxLength: 8 }).map((bytes) => String.fromCharCode(...bytes)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => {
    const bytes = toBytes(parts.join(''), false)
    const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4)
    padded.set(bytes)
    const view = new DataView(padded.buffer)
    return Array.from({ length: padded.length / 4 }, (_, i) => view.getUint32(i * 4))
  })
const propertyAnswers = fc.array(
  fc.record({
    status: fc.constantFrom(0, 1, 1, 1, 2),
    words: fc
      .tuple(fc.oneof(fc.integer({ min: 0, max: 6 }), anyWord), propertyBytes)
      .map(([count, descriptors]) => [count, ...descriptors]),
  }),
  { maxLength: 4 },
)

/** name_offset, prop_length and prop_offset, mostly inside the area, and some text that they may point to. */
const offset = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 20, max: 40 }) },
  { weight: 1, arbitrary: anyWord },
)
const connectorAnswers = fc.array(
  fc.record({
    status,
    words: fc
      .tuple(
        offset,
        fc.oneof(fc.integer({ min: 0, max: 20 }), anyWord),
        offset,
        fc.array(anyWord, { maxLength: 5 }),
      )
      .map(([name, length, value, rest]) => [name, length, value, ...rest]),
  }),
  { maxLength: 25 },
)

/** Firmware's answers in one run. */
const firmware = fc.record({
  nodes: nodeAnswers,
  properties: propertyAnswers,
  connectors: connectorAnswers,
  lastStatus: fc.constantFrom(0, -1),
  scope: fc.constantFrom(MIGRATION_SCOPE, PRRN_SCOPE),
})

/** Maximum number of objects that one answer can make the kernel allocate, limited by the size of the area. */
const MOST_OBJECTS = 4096

function expectSoundRecord(machine: Machine, from: number): void {
  const events = machine.events.slice(from)
  expect(['completed', 'oops']).toContain(machine.outcome)
  const calls = events.filter((event) => event.type === 'rtas.call').length
  const allocations = events.filter((event) => event.type === 'alloc')
  expect(allocations.length).toBeLessThan(MOST_OBJECTS * (calls + 1))
  expect(allocations.every((event) => event.size <= KMALLOC_MAX_SIZE)).toBe(true)
  expect(machine.outcome === 'oops').toBe(events.some((event) => event.type === 'oops'))
}

describe('for any answers of firmware', () => {
  it('an update of the tree ends with a status or an Oops, and allocates no more memory than the answers describe', () => {
    let oopses = 0
    let changes = 0
    fc.assert(
      fc.property(firmware, config, ({ nodes, properties, connectors, lastStatus, scope }, settings) => {
        const partition = new Partition({ blob: bare })
        const machine = boot(partition, {
          firmware: firmwareWith(partition, {
            'ibm,update-nodes': answering(16, nodes, 0),
            'ibm,update-properties': answering(16, properties, lastStatus),
            'ibm,configure-connector': answering(8, connectors, lastStatus),
          }),
          config: settings,
          callChains: false,
        })
        const from = machine.events.length
        const result = machine.task('test', () => pseries_devicetree_update(scope))
        if (result !== null) expect(result).toBe(0)
        expectSoundRecord(machine, from)
        if (machine.outcome === 'oops') oopses++
        else expect(machine.tasks.at(-1)?.held_locks).toEqual([])
        changes += machine.events.slice(from).filter((event) => event.type === 'node.attach').length
      }),
      // The seed is fixed, because the expectations below depend on the answers.
      { numRuns: 400, seed: 3 },
    )
    // The answers are valid enough to have effects.
    expect(oopses).toBeGreaterThan(0)
    expect(changes).toBeGreaterThan(0)
  })

  it('a second migration after the first one ends too', () => {
    fc.assert(
      fc.property(fc.array(firmware, { minLength: 2, maxLength: 3 }), config, (answers, settings) => {
        const partition = new Partition({ blob: bare })
        let current = firmwareWith(partition, {})
        const machine = boot(partition, {
          firmware: {
            rtas: (token, args) => current.rtas(token, args),
            hcall: (opcode, args) => partition.hcall(opcode, args),
          },
          config: settings,
          callChains: false,
        })
        const from = machine.events.length
        for (const { nodes, properties, connectors, lastStatus } of answers) {
          current = firmwareWith(partition, {
            'ibm,update-nodes': answering(16, nodes, 0),
            'ibm,update-properties': answering(16, properties, lastStatus),
            'ibm,configure-connector': answering(8, connectors, lastStatus),
          })
          const written = machine.migrate()
          expect(written).toBe(machine.outcome === 'completed' ? 1 : null)
          if (written === null) break
        }
        expectSoundRecord(machine, from)
      }),
      { numRuns: 200 },
    )
  })
})

describe('for any write to /proc/powerpc/ofdt', () => {
  const path = fc.constantFrom(
    '/',
    '',
    'x',
    '/x',
    '/x/y',
    '/x/y/z',
    '/nowhere/x',
    '/ibm,platform-facilities',
    '/ibm,platform-facilities/ibm,random-v1',
    '/ibm,platform-facilities/ibm,compression-v1',
    '/ibm,platform-facilities/new',
    '/rtas',
  )
  const phandle = fc.constantFrom(
    '0xfffffff6',
    '0xfffffff5',
    '4294967284',
    '1',
    '2',
    '0x7',
    '0',
    '-1',
    'x',
    '',
  )
  const name = fc.constantFrom('a', 'status', 'name', 'compatible', 'ibm,phandle', 'security-x', '')
  const sized = fc.string({ maxLength: 6 }).map((value) => `${value.length} ${value}`)
  const wild = fc.constantFrom(
    '9 x',
    '4294967295 x',
    '4294967284 x',
    '4294967000 x',
    '0x1 y',
    '4 \0\0\0\x07',
    '1',
    '',
  )
  const property = fc
    .tuple(name, fc.oneof({ weight: 3, arbitrary: sized }, { weight: 1, arbitrary: wild }))
    .map((parts) => parts.join(' '))
  const command = fc.oneof(
    fc
      .tuple(fc.constant('add_node'), path, fc.array(property, { maxLength: 3 }))
      .map(([word, where, properties]) => [word, where, ...properties].join(' ')),
    fc
      .tuple(path, fc.array(property, { maxLength: 3 }))
      .map(([where, rest]) => `add_node ${where} ${rest.join(' ')}`),
    path.map((where) => `remove_node ${where}`),
    fc
      .tuple(fc.constantFrom('add_property', 'update_property'), phandle, property)
      .map((parts) => parts.join(' ')),
    fc.tuple(phandle, name).map(([which, what]) => `remove_property ${which} ${what}`),
    fc.string({ maxLength: 20 }),
    fc.string({ maxLength: 20 }).map((rest) => `add_node ${rest}`),
  )
  const errors = ['-ENOMEM', '-EBUSY', '-ENODEV', '-EINVAL']

  it('the write returns its length or an errno, or is an Oops', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(fc.array(command, { minLength: 1, maxLength: 12 }), config, (commands, settings) => {
        const machine = boot(new Partition({ blob: bare }), { config: settings, callChains: false })
        for (const text of commands) {
          const bytes = toBytes(text, false)
          const result = machine.write('/proc/powerpc/ofdt', bytes)
          if (result === null) {
            expect(machine.outcome).toBe('oops')
            seen.add('Oops')
            break
          }
          expect(machine.outcome).toBe('completed')
          expect(machine.tasks.at(-1)?.held_locks).toEqual([])
          if (result >= 0) expect(result).toBe(bytes.length)
          else expect(errors).toContain(errnoName(result))
          seen.add(result >= 0 ? 'success' : errnoName(result))
        }
      }),
      { numRuns: 400 },
    )
    expect([...seen].sort()).toEqual([...errors, 'Oops', 'success'].sort())
  })

  it('the bytes are parsed exactly', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const machine = boot(new Partition({ blob: bare }), { callChains: false })
        expect(machine.write('/proc/powerpc/ofdt', bytes)).toBe(-22)
      }),
      { numRuns: 50 },
    )
  })
})
