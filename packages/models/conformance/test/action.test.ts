// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { ActionError } from '../src/action/action-error.ts'
import { parseAction } from '../src/action/parse.ts'
import type { ReplayedStep } from '../src/index.ts'
import { recordedLines, recordingOf, replay } from './support.ts'

const ofdtFile = '/proc/powerpc/ofdt'

/** The text that an action writes to ofdt. */
function ofdt(words: string): string {
  const action = parseAction(`ofdt ${words}`)
  return action.kind === 'write' && action.path === ofdtFile ? action.text : `not written: ${action.kind}`
}

describe('a command for ofdt', () => {
  it.each([
    [
      'of the recordings, with bytes in octal',
      'add_node /x name 2 x\\0 reg 2 \\377\\1',
      'add_node /x name 2 x\0 reg 2 \xff\x01',
    ],
    ['that the kernel will refuse', 'rename_node /x', 'rename_node /x'],
    ['with a newline, which belongs to the path', 'remove_node /x\\n', 'remove_node /x\n'],
    ['with a handle', 'add_property 0xfffffff4 x 1 y', 'add_property 0xfffffff4 x 1 y'],
    ['with a handle and a value without length', 'add_property 3 x yes', 'add_property 3 x 4 yes\0'],
    ['with a node for its handle', 'remove_property compression status', 'remove_property 0xfffffff4 status'],
    ["with a node's own name", 'remove_property ibm,random-v1 status', 'remove_property 0xfffffff5 status'],
    [
      'with a value for its length and itself',
      'update_property facilities status disabled',
      'update_property 0xfffffff6 status 9 disabled\0',
    ],
    ['with a cell', 'add_property random reg 0x800', 'add_property 0xfffffff5 reg 4 \0\0\x08\0'],
  ])('%s', (_what, words, written) => {
    expect(ofdt(words)).toBe(written)
  })

  it('that adds a recorded node without its properties gives it those of firmware', () => {
    expect(ofdt('add_node /ibm,platform-facilities/ibm,random-v1 (ibm,phandle 0xfffffff5)')).toBe(
      'add_node /ibm,platform-facilities/ibm,random-v1 name 14 ibm,random-v1\0 compatible 11 ibm,random\0 ' +
        'status 5 okay\0 ibm,resource-id 4 \0\0\0\x01 ibm,phandle 4 \xff\xff\xff\xf5',
    )
    const encryption = ofdt(
      'add_node /ibm,platform-facilities/ibm,sym-encryption-v1 (ibm,phandle 0xfffffff3)',
    )
    expect(encryption).toContain(
      ' ibm,max-sg-len 4 \xf0\x0f\0\0 ibm,max-sync-cop 336 \0\0\0\0\0\0\0\0\x03\0\0\0\x80\0\0\0',
    )
    expect(encryption).toMatch(/ ibm,phandle 4 \xff\xff\xff\xf3$/)
  })
})

describe('an action', () => {
  it.each([
    ['unbind pseries-rng random', `unbind`, 'ibm,random-v1', 'pseries_rng'],
    ['bind nx_compress_pseries ibm,compression-v1', 'bind', 'ibm,compression-v1', 'nx_compress_pseries'],
    ['bind nx-crypto sym-encryption', 'bind', 'ibm,sym-encryption-v1', 'nx-crypto'],
  ])('"%s" is a write to a file of the driver', (text, file, device, driver) => {
    expect(parseAction(text)).toEqual({
      kind: 'write',
      path: `/sys/bus/vio/drivers/${driver}/${file}`,
      text: device,
    })
  })

  it('names modules by their files or their own names', () => {
    for (const name of ['nx-compress-pseries', 'nx_compress_pseries', '/mod/nx-compress-pseries.ko'])
      expect(parseAction(`rmmod ${name}`)).toEqual({ kind: 'rmmod', module: 'nx_compress_pseries' })
  })

  it('changes properties of any node to the bytes that firmware sends', () => {
    const change = (text: string): unknown => parseAction(text)
    expect(change('update-properties facilities #size-cells 0x1')).toMatchObject({
      cause: 'migration',
      node: '/ibm,platform-facilities',
      value: [0, 0, 0, 1],
    })
    expect(change('update-properties compression ibm,max-sync-cop 0x1 0x1000')).toMatchObject({
      value: [0, 0, 0, 1, 0, 0, 16, 0],
    })
    // nx-crypto reads its limits in the byte order of the kernel.
    expect(change('update-properties sym-encryption ibm,max-sg-len 0x800')).toMatchObject({
      value: [0, 8, 0, 0],
    })
    expect(change('update-properties /vdevice/vty@71000000 status off line')).toMatchObject({
      node: '/vdevice/vty@71000000',
      value: Array.from('off line\0', (character) => character.charCodeAt(0)),
    })
    expect(change('prrn random status (removed)')).toMatchObject({ cause: 'prrn', value: null })
  })

  it.each([
    ['reboot', 'unknown action "reboot"; known forms: "load drivers'],
    [
      'load drivers ibmvfc',
      'unknown action "load drivers ibmvfc": "ibmvfc" is not a recorded module; known modules: pseries-rng,',
    ],
    ['update-properties lhea status x', '"lhea" is not a recorded node; known nodes: facilities, random,'],
    ['ofdt add_node /cpus (ibm,phandle 0x7)', 'the properties of /cpus are not known, only those of /ibm,'],
    ['ofdt add_node /x (like firmware)', 'unknown text in brackets; accepted is "(ibm,phandle 0x...)"'],
    ['migrate twice', 'known forms: '],
  ])('"%s" is rejected with its name and the accepted forms', (text, message) => {
    expect(() => parseAction(text)).toThrow(ActionError)
    expect(() => parseAction(text)).toThrow(text)
    expect(() => parseAction(text)).toThrow(message)
  })
})

/** Plays actions on the machine of a recording after "load drivers". */
function playing(...actions: string[]): readonly ReplayedStep[] {
  const [head, load, dump] = recordedLines('base/S2-single')
  const steps = actions.map((action, index) => ({ ...dump, action, step: index + 2 }))
  return replay(recordingOf([head, load, ...steps])).steps.slice(2)
}

function statuses(...actions: string[]): unknown[] {
  return playing(...actions).map(({ outcome }) => (outcome.kind === 'completed' ? outcome.rc : outcome.kind))
}

describe('a replay', () => {
  it("binds and unbinds drivers by their files; the second time fails with the shell's exit status", () => {
    expect(
      statuses('unbind pseries-rng random', 'unbind pseries-rng random', 'bind pseries-rng random'),
    ).toEqual([0, 1, 0])
    // nx-crypto accepts neither a second device nor the same one again.
    expect(statuses('unbind nx-crypto sym-encryption', 'bind nx-crypto sym-encryption')).toEqual([0, 1])
  })

  it('unloads and loads modules in any order', () => {
    expect(
      statuses(
        'rmmod nx-crypto',
        'rmmod nx-crypto',
        'insmod nx-crypto',
        'insmod nx-crypto',
        'rmmod pseries-rng',
      ),
    ).toEqual([0, 1, 0, 17, 0])
  })

  it('writes property commands to ofdt, each of which leaks a reference', () => {
    const steps = playing(
      'ofdt add_property compression x y',
      'ofdt update_property compression status disabled',
      'ofdt remove_property compression x',
      'ofdt remove_property compression x',
      'dump',
    )
    const counters = steps.slice(0, 4).map(({ refs }) => refs.filter(({ op }) => op === 'get').length)
    expect(counters).toEqual([1, 1, 1, 1])
    expect(steps.map(({ outcome }) => (outcome.kind === 'completed' ? outcome.rc : outcome.kind))).toEqual([
      0, 0, 0, 1, 0,
    ])
    expect(steps[4]?.nodes.find(({ id }) => id === 'compression#0')?.state?.kref).toBe(7)
  })

  it('adds every recorded node through ofdt', () => {
    const facilities = '/ibm,platform-facilities'
    const children = ['ibm,random-v1', 'ibm,compression-v1', 'ibm,sym-encryption-v1'].map(
      (name) => `${facilities}/${name}`,
    )
    const steps = playing(
      ...[...children, facilities].map((path) => `ofdt remove_node ${path}`),
      ...[facilities, ...children].map((path, index) => `ofdt add_node ${path} (ibm,phandle 0x${7 + index})`),
      'dump',
    )
    expect(steps.at(-1)?.device_tree.slice().sort()).toEqual([facilities, ...children].sort())
  })

  it('requests changes from firmware after a PRRN event', () => {
    const [change, dump] = playing(
      'prrn compression status (removed)',
      'cat /proc/device-tree/ibm,platform-facilities/ibm,compression-v1/status',
    )
    expect(change?.updateResult).toBe(0)
    expect(dump?.outcome).toEqual({ kind: 'completed', rc: 1 })
  })

  it('migrates without names', () => {
    const [, dump] = playing('migrate single without name', 'dump')
    expect(dump?.nodes.find(({ id }) => id === 'facilities#1')?.state?.name).toBe('<NULL>')
  })
})
