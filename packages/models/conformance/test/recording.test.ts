// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixturesFolder, readRecordings, RecordingError } from '../src/index.ts'
import { parseRecording } from '../src/recording.ts'
import { recordedLines, recordingOf } from './support.ts'

describe('a recording', () => {
  it('has all data needed for its replay', () => {
    const recording = recordingOf(recordedLines('base/S4-single+dynamic'))
    expect(recording).toMatchObject({
      variant: 'base',
      scenario: 'S4-single+dynamic',
      slubPoison: true,
      dynamicChildren: true,
    })
    expect(recording.steps.map(({ action }) => action.kind)).toEqual([
      'load',
      'dump',
      'migrate',
      'dump',
      'migrate',
      'dump',
    ])
  })

  it('expands a write to ofdt to the written bytes', () => {
    const { steps } = recordingOf(recordedLines('base/S1-ofdt'))
    const commands = steps.flatMap(({ action }) => (action.kind === 'write' ? [action.text] : []))
    expect(commands[0]).toBe('remove_node /ibm,platform-facilities/ibm,random-v1')
    expect(commands[4]).toBe(
      'add_node /ibm,platform-facilities name 24 ibm,platform-facilities\0 ' +
        'device_type 24 ibm,platform-facilities\0 ibm,phandle 4 \xff\xff\xff\xf6',
    )
  })

  it('expands a property update to the bytes that firmware sends', () => {
    const { steps } = recordingOf(recordedLines('base/S7-none'))
    const values = steps.flatMap(({ action }) => (action.kind === 'update' ? [action.value] : []))
    expect(values).toEqual([[0, 0, 8, 0], Array.from('disabled\0', (char) => char.charCodeAt(0))])
  })

  it('of the fixtures can be parsed, for every one', () => {
    const { recordings, notReplayed } = readRecordings(fixturesFolder)
    expect(notReplayed).toEqual([])
    expect(recordings).toHaveLength(178)
    expect(new Set(recordings.map(({ variant }) => variant)).size).toBe(12)
  })
})

describe('an invalid recording is rejected with file, line and field:', () => {
  const cases: readonly [
    what: string,
    change: (lines: Record<string, unknown>[]) => unknown,
    message: string,
  ][] = [
    [
      'an unknown action',
      (lines) => Object.assign(lines[3] ?? {}, { action: 'reboot' }),
      'x.jsonl:4: unknown action "reboot"; known forms:',
    ],
    [
      'an unknown module',
      (lines) => Object.assign(lines[1] ?? {}, { action: 'load drivers ibmvfc' }),
      'x.jsonl:2: unknown action "load drivers ibmvfc": "ibmvfc" is not a recorded module',
    ],
    [
      'a missing field',
      (lines) => delete lines[2]?.['nodes'],
      'x.jsonl:3: field "nodes" is missing; expected: a list of objects',
    ],
    [
      'a field of a wrong type',
      (lines) => Object.assign(lines[0] ?? {}, { slub_poison: 1 }),
      'x.jsonl:1: field "slub_poison" is 1; expected: true or false',
    ],
    [
      'a wrong field inside a list',
      (lines) => Object.assign((lines[3]?.['refs'] as object[])[1] ?? {}, { op: 'drop' }),
      'x.jsonl:4: field "refs[1].op" is "drop"; expected: get, put',
    ],
    [
      'a wrong outcome',
      (lines) => Object.assign(lines[3] ?? {}, { rc: 'died' }),
      'x.jsonl:4: field "rc" is "died"; expected: killed, hung, null or a number',
    ],
    [
      'an unknown life of a node',
      (lines) => Object.assign((lines[2]?.['nodes'] as object[])[0] ?? {}, { life: 'born' }),
      'x.jsonl:3: field "nodes[0].life" is "born"; expected: allocated, released-not-freed, freed, freed-reused',
    ],
    [
      'a node that is not freed and has no counter',
      (lines) => delete (lines[2]?.['nodes'] as Record<string, unknown>[])[0]?.['kref'],
      'x.jsonl:3: field "nodes[0].kref" is missing; expected: a number',
    ],
    [
      'a node that is not an object',
      (lines) => (lines[2]?.['nodes'] as unknown[]).splice(0, 1, null),
      'x.jsonl:3: field "nodes[0]" is null; expected: an object',
    ],
    [
      'a wrong item of a list of strings',
      (lines) => (lines[3]?.['events'] as unknown[]).unshift(7),
      'x.jsonl:4: field "events[0]" is 7; expected: a string',
    ],
    [
      'a file without text',
      (lines) => Object.assign(lines[2] ?? {}, { sysfs: { 'ibm,random-v1': { name: false } } }),
      'x.jsonl:3: field "sysfs.ibm,random-v1.name" is false; expected: a string',
    ],
    [
      'a step of another run',
      (lines) => Object.assign(lines[3] ?? {}, { variant: 'wipe' }),
      'field "variant" is "wipe"; expected: "base"',
    ],
    ['a missing step', (lines) => lines.splice(2, 1), 'x.jsonl:3: step 3 where 2 was expected'],
    ['no first line', (lines) => lines.shift(), 'x.jsonl:1: field "record" is missing'],
  ]
  for (const [what, change, message] of cases) {
    it(what, () => {
      const lines = recordedLines('base/S2-single')
      change(lines)
      expect(() => recordingOf(lines, 'x.jsonl')).toThrow(message)
      expect(() => recordingOf(lines, 'x.jsonl')).toThrow(RecordingError)
    })
  }

  it('any value in any field, unless it is accepted', () => {
    const lines = recordedLines('base/S2-single')
    const anyField = fc
      .nat(lines.length - 1)
      .chain((line) => fc.tuple(fc.constant(line), fc.constantFrom(...Object.keys(lines[line] ?? {}))))
    fc.assert(
      fc.property(anyField, fc.jsonValue(), ([line, name], value) => {
        const changed = lines.with(line, { ...lines[line], [name]: value })
        try {
          recordingOf(changed, 'x.jsonl')
        } catch (error) {
          expect(error).toBeInstanceOf(RecordingError)
          expect(String(error)).toMatch(/x\.jsonl:\d+: (?:field "|unknown action |step )/)
        }
      }),
    )
  })

  it('text that is not JSON', () => {
    expect(() => parseRecording('x.jsonl', '\n{"a"')).toThrow('x.jsonl:2: no valid JSON')
    expect(() => parseRecording('x.jsonl', '[]')).toThrow('x.jsonl:1: the line is not a JSON object')
    expect(() => parseRecording('x.jsonl', '\n')).toThrow('x.jsonl: the file is empty')
  })

  it('a missing or empty folder', () => {
    expect(() => readRecordings('/nowhere')).toThrow('/nowhere: no such folder')
    expect(() => readRecordings(import.meta.dirname)).toThrow('no recordings; expected')
  })
})
