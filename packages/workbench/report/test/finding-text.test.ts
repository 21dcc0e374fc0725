// SPDX-License-Identifier: GPL-2.0-only
import type { Evidence, Finding } from '@pfo-workbench/oracle'
import { describe, expect, it } from 'vitest'
import { evidenceText } from '../src/wording/evidence-text.ts'
import { findingText } from '../src/wording/finding-text.ts'
import { likenessOf } from '../src/wording/likeness.ts'
import { judgedText, unpatchedText } from '../src/wording/comparison-view.ts'
import { finding } from './support.ts'

type Claim<One extends Finding = Finding> = One extends Finding
  ? Pick<One, 'oracle' | 'kind' | 'data'>
  : never

const found = (claim: Claim, count = 1): Finding => ({ subject: 's', step: 1, count, evidence: [], ...claim })

const leak = (holder: string, references: number): Claim => ({
  oracle: 'leak',
  kind: 'reference-held',
  data: { state: 'never-attached', holder, references },
})
const nodeOf = { node: '/x[0]', state: 'released', driver: null } as const
const functions = { by: 'f', freedBy: 'g' }

describe('the sentence of a finding', () => {
  it.each<[string, Claim, number?]>([
    [
      'Oops; it held a, b (2 times)',
      { oracle: 'oops', kind: 'task-killed', data: { reason: 'Oops', held: ['a', 'b'] } },
      2,
    ],
    [
      'init/1 waits forever; held by init/8',
      { oracle: 'deadlock', kind: 'waits-forever', data: { task: 'init/1', holder: 'init/8' } },
    ],
    [
      'read by f after g freed it (2 times)',
      { oracle: 'use-after-free', kind: 'touched-after-free', data: { access: 'read', ...functions } },
      2,
    ],
    ['freed again by f after g freed it', { oracle: 'use-after-free', kind: 'freed-again', data: functions }],
    [
      'a reference was dropped after the last one',
      { oracle: 'refcount', kind: 'counter-fault', data: { fault: 'underflow' } },
    ],
    [
      'the last reference was dropped while the node was attached',
      { oracle: 'refcount', kind: 'bad-put', data: { attached: true } },
    ],
    [
      'the last reference was dropped although the node was never attached',
      { oracle: 'refcount', kind: 'bad-put', data: { attached: false } },
    ],
    [
      'f dropped a reference that belongs to g',
      { oracle: 'refcount', kind: 'stolen-reference', data: { dropper: 'f', owner: 'g' } },
    ],
    [
      'device d refers to it, but its registration left no reference on it',
      { oracle: 'refcount', kind: 'node-not-held', data: { device: 'd' } },
    ],
    [
      'f returned it to g after it was detached',
      { oracle: 'stale-lookup', kind: 'detached-node-returned', data: { finder: 'f', caller: 'g' } },
    ],
    ['never attached, with a reference taken for f and not dropped (3 in all)', leak('f', 3)],
    ['never attached, with 2 references taken for f and not dropped (3 in all)', leak('f', 3), 2],
    [
      '"x" was taken, renamed to "x#1"',
      { oracle: 'duplicate-name', kind: 'renamed', data: { wanted: 'x', used: 'x#1' } },
    ],
    [
      'already exists, not created again (2 times)',
      { oracle: 'duplicate-name', kind: 'not-created', data: {} },
      2,
    ],
    [
      'firmware has this node, the live tree does not',
      { oracle: 'lost-node', kind: 'node-missing', data: {} },
    ],
    [
      'firmware offers it, but there is no vio device',
      { oracle: 'lost-device', kind: 'no-device', data: {} },
    ],
    [
      'firmware offers it, but it lost its driver d',
      { oracle: 'lost-device', kind: 'driver-gone', data: { had: 'd' } },
    ],
    [
      'firmware offers it, but no driver is bound although m is loaded',
      { oracle: 'lost-device', kind: 'driver-not-bound', data: { module: 'm' } },
    ],
    [
      'firmware offers it, but no driver is bound: m cannot be loaded',
      { oracle: 'lost-device', kind: 'driver-not-loadable', data: { module: 'm' } },
    ],
    [
      'refers to /x[0], which is released; driver none',
      { oracle: 'stale-device', kind: 'node-detached', data: nodeOf },
    ],
    [
      'refers to /x[0], which is released; driver d',
      { oracle: 'stale-device', kind: 'node-freed', data: { ...nodeOf, driver: 'd' } },
    ],
    [
      'run by the queue q, queued by d, which is unbound',
      { oracle: 'left-over', kind: 'work-run', data: { queue: 'q', owner: 'd', left: 'unbound' } },
    ],
    [
      'firmware changed it; the node that d uses still has the old value',
      { oracle: 'missed-update', kind: 'old-value-in-node', data: { driver: 'd' } },
    ],
    [
      'firmware changed it; d still uses data derived from the old value',
      { oracle: 'missed-update', kind: 'old-value-in-driver', data: { driver: 'd' } },
    ],
    [
      'firmware changed it; the node in the tree still has the old value',
      { oracle: 'missed-update', kind: 'old-value-in-tree', data: {} },
    ],
    [
      'firmware changed it; this detached node got the new value, the node in the tree still has the old one',
      { oracle: 'missed-update', kind: 'new-value-in-detached-node', data: {} },
    ],
    [
      'the kernel did not ask firmware for the changes of a migration (2 times)',
      { oracle: 'missed-update', kind: 'changes-not-read', data: { calls: 0 } },
      2,
    ],
    [
      'the kernel stopped before it had read all changes of a migration',
      { oracle: 'missed-update', kind: 'changes-not-read', data: { calls: 1 } },
    ],
    ['the target of the link does not exist', { oracle: 'broken-sysfs', kind: 'dangling-link', data: {} }],
    [
      'contains ""; contained "x" when the device was registered',
      { oracle: 'broken-sysfs', kind: 'file-changed', data: { before: 'x', now: '' } },
    ],
    [
      'driver d was unbound (2 times), and not bound again; firmware still offers the facility',
      { oracle: 'interruption', kind: 'driver-unbound', data: { driver: 'd', boundAgain: false } },
      2,
    ],
    [
      'may sleep, called under l, taken by f',
      { oracle: 'sleep-in-atomic', kind: 'may-sleep', data: { lock: 'l', holder: 'f' } },
    ],
    [
      'may sleep, called under l',
      { oracle: 'sleep-in-atomic', kind: 'may-sleep', data: { lock: 'l', holder: null } },
    ],
    [
      'may sleep, called with interrupts off',
      { oracle: 'sleep-in-atomic', kind: 'may-sleep', data: { lock: '', holder: null } },
    ],
    ['a line (3 times)', { oracle: 'console', kind: 'console-line', data: { line: 'a line', names: [] } }, 3],
  ])('%s', (sentence, claim, count) => {
    expect(findingText(found(claim, count))).toBe(sentence)
  })
})

describe('the text of a piece of evidence', () => {
  it.each<[string, Evidence]>([
    [
      'read of device_node.phandle',
      { kind: 'touched', data: { access: 'read', struct: 'device_node', field: 'phandle' }, chain: [] },
    ],
    ['last unbound by', { kind: 'device-lost', data: { event: 'driver.unbind' }, chain: [] }],
    ['f dropped a reference that was not its own', { kind: 'stolen', data: { dropper: 'f' }, chain: [] }],
  ])('%s', (phrase, evidence) => {
    expect(evidenceText(evidence)).toBe(phrase)
  })
})

describe('findings are of the same kind', () => {
  const alike = (a: Claim, b: Claim): boolean => likenessOf(found(a)) === likenessOf(found(b, 7))
  const line = (text: string, ...names: string[]): Claim => ({
    oracle: 'console',
    kind: 'console-line',
    data: { line: text, names },
  })

  it('if they differ only in the object, the count or numbers', () => {
    expect(alike(leak('f', 1), leak('f', 2))).toBe(true)
    expect(alike(line('put on /x', '/x'), line('put on /y', '/y'))).toBe(true)
    expect(alike(line('blocked for 10 s'), line('blocked for 20 s'))).toBe(true)
  })

  it('not if they differ in what they say or in the function', () => {
    expect(alike(leak('f', 1), leak('g', 1))).toBe(false)
    expect(alike(line('put on /x', '/x'), line('get on /x', '/x'))).toBe(false)
  })
})

describe('a judged finding', () => {
  it('that is a surplus gives the total count and the count on the unpatched kernel', () => {
    const unpatched = { state: 'differs', finding: finding({ count: 2 }) } as const
    const surplus = finding({ count: 3, surplus: true, unpatched })
    expect(judgedText(surplus)).toMatch(/^detached, with 5 references /)
    expect(unpatchedText(surplus)).toMatch(/^detached, with 2 references /)
  })

  it('says what hides it on the unpatched kernel, or that it was not reached there', () => {
    const hidden = finding({ unpatched: { state: 'hidden', finding: finding({ count: 1 }) } })
    expect(unpatchedText(hidden)).toMatch(/^hidden: detached, with a reference /)
    const unpatched = { state: 'not-reached', endedIn: 2 } as const
    expect(unpatchedText(finding({ unpatched }))).toBe('not reached, a task ended in step 2')
    expect(unpatchedText(finding())).toBeNull()
  })
})
