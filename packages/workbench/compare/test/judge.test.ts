// SPDX-License-Identifier: GPL-2.0-only
import { findingKey, type Finding, type FindingOf } from '@pfo-workbench/oracle'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  codeInFunctions,
  judge,
  tally,
  unpatchedTotal,
  variantTotal,
  type ExaminedRun,
  type JudgedFinding,
  type ObjectLife,
} from '../src/index.ts'
import type { Holder, Position } from '../src/play/examined-schema.ts'
import { withoutMasksOfHandOvers } from '../src/verdict/handed-over.ts'

const leak = (subject: string, step = 1): FindingOf<'reference-held'> => ({
  oracle: 'leak',
  kind: 'reference-held',
  subject,
  step,
  count: 1,
  data: { state: 'detached', holder: 'f', references: 1 },
  evidence: [],
})

const oops = (subject: string, step = 1): Finding => ({
  oracle: 'oops',
  kind: 'task-killed',
  subject,
  step,
  count: 1,
  data: { reason: 'r', held: [] },
  evidence: [],
})

const complaint = (subject: string, step = 1): Finding => ({
  oracle: 'console',
  kind: 'console-line',
  subject,
  step,
  count: 1,
  data: { line: subject, names: [] },
  evidence: [],
})

const stolen: Finding = {
  oracle: 'refcount',
  kind: 'stolen-reference',
  subject: 's',
  step: 1,
  count: 1,
  data: { dropper: 'f', owner: 'g' },
  evidence: [{ kind: 'dropped', data: { holder: 'f' }, chain: [{ function: 'f' }], seq: 100 }],
}

/** Positions of gets or puts, all in one step. */
const positions = (count: number, first: number): Position[] =>
  Array.from({ length: Math.max(0, count) }, (_, index) => ({ seq: first + index, step: 1 }))

/** Sequence numbers of the first get and the first put in these tests. By default, all gets come before all puts. */
const [getsFrom, putsFrom] = [0, 100]

/** The gets and puts of a function. The function keeps the references that it does not drop. */
const holderOf = (
  by: string,
  taken: number,
  dropped: number,
  lost: number = Math.max(0, taken - dropped),
): Holder => ({
  by,
  taken,
  dropped,
  lost,
  kept: positions(Math.max(lost, taken - dropped), getsFrom),
  surplusPuts: positions(dropped - taken, putsFrom),
  droppedIn: [],
})

/** A run with these findings; may have broken off in a step. */
function examined(
  findings: readonly Finding[],
  brokenOffIn: number | null = null,
): Pick<ExaminedRun, 'findings' | 'brokenOffIn'> {
  return { findings, brokenOffIn }
}

const verdicts = (baseline: ReturnType<typeof examined>, variant: ReturnType<typeof examined>): string[] =>
  judge(baseline, variant).map(({ oracle, subject, status }) => `${status} ${oracle} ${subject}`)

describe('a finding of a variant', () => {
  const baseline = examined([leak('a'), leak('b')])

  it('is kept if the unpatched kernel has it too, otherwise introduced; a finding of the unpatched kernel alone is fixed', () => {
    expect(verdicts(baseline, examined([leak('c'), leak('a')]))).toEqual([
      'introduced leak c',
      'kept leak a',
      'fixed leak b',
    ])
  })

  it('is identified by oracle and subject', () => {
    expect(verdicts(baseline, examined([{ ...stolen, subject: 'a' }]))).toContain('introduced refcount a')
  })

  it('is kept with the finding of the unpatched kernel, if the two differ', () => {
    const later = { ...leak('a', 3), data: { state: 'detached', holder: 'f', references: 2 } } as const
    expect(judge(baseline, examined([later]))[0]).toEqual({
      ...later,
      status: 'kept',
      unpatched: { state: 'differs', finding: leak('a') },
    })
  })

  it('is kept up to the count of the unpatched kernel; the surplus is introduced', () => {
    const more = { ...leak('a'), count: 7 }
    expect(judge(baseline, examined([more])).slice(0, 2)).toEqual([
      { ...more, count: 1, status: 'kept' },
      {
        ...more,
        count: 6,
        surplus: true,
        status: 'introduced',
        unpatched: { state: 'differs', finding: leak('a') },
      },
    ])
  })

  it('is kept if its count is lower', () => {
    const many = examined([{ ...complaint('a'), count: 7 }])
    expect(verdicts(many, examined([complaint('a')]))).toEqual(['kept console a'])
  })

  it('is revealed if another fault hides it on the unpatched kernel', () => {
    const thief = { ...stolen, masks: ['leak c'] }
    const [judged] = judge(examined([thief]), examined([leak('c')]))
    expect(judged).toMatchObject({
      status: 'revealed',
      unpatched: { state: 'hidden', finding: thief },
      hiddenBy: { reason: 'masked', finding: thief },
    })
  })

  it('is introduced if a theft that is still there would hide it: the function takes one reference more', () => {
    const thief = { ...stolen, masks: ['leak c'] }
    const statusesOf = (before: Finding[], now: Finding[]) =>
      judge(examined(before), examined(now)).map(({ status, subject, count }) => [status, subject, count])
    expect(statusesOf([thief], [thief, leak('c')])[1]).toEqual(['introduced', 'c', 1])
    const twice = { ...thief, count: 2 }
    expect(statusesOf([twice], [thief, leak('c')])[1]).toEqual(['revealed', 'c', 1])
    expect(statusesOf([twice], [thief, { ...leak('c'), count: 2 }])[1]).toEqual(['introduced', 'c', 2])
    expect(statusesOf([thief, leak('c')], [{ ...leak('c'), count: 2 }])).toEqual([
      ['kept', 'c', 1],
      ['revealed', 'c', 1],
      ['fixed', 's', 1],
    ])
  })

  it('is fixed if the theft that would hide it is on both kernels', () => {
    const thief = { ...stolen, masks: ['leak c'] }
    const [, gone] = judge(examined([thief, leak('c')]), examined([thief]))
    expect(gone).toMatchObject({ status: 'fixed', subject: 'c' })
    const [, kept] = judge(examined([thief, leak('c')]), examined([{ ...thief, count: 2 }])).slice(1)
    expect(kept).toMatchObject({ status: 'kept', subject: 'c', hiddenBy: { reason: 'masked' } })
  })

  it('is kept if another fault of the variant hides it', () => {
    const thief = { ...stolen, masks: ['leak a'] }
    expect(verdicts(baseline, examined([thief]))).toEqual([
      'introduced refcount s',
      'kept leak a',
      'fixed leak b',
    ])
    expect(judge(baseline, examined([thief]))[1]?.hiddenBy).toEqual({ reason: 'masked', finding: thief })
  })

  it('is always kept if the variant is the unpatched kernel', () => {
    expect(verdicts(baseline, baseline)).toEqual(['kept leak a', 'kept leak b'])
  })

  it('is fixed with the data of the unpatched kernel', () => {
    expect(judge(baseline, examined([]))).toEqual(
      baseline.findings.map((one) => ({ ...one, status: 'fixed' })),
    )
  })
})

/**
 * Circumstances of a patch that changed this function, with these findings of the unpatched kernel in some scenario.
 */
const changing = (name: string, ...anywhere: string[]) => ({
  changed: codeInFunctions([name]),
  unpatchedAnywhere: new Map(anywhere.map((key) => [key, 'elsewhere'])),
  droppedIn: new Map<string, Set<string>>(),
  writtenIn: new Map<string, Set<string>>(),
})

const proven = <One extends Finding>(finding: One, ...functions: string[]): One => ({
  ...finding,
  evidence: [{ kind: 'taken', data: { holder: 'f' }, chain: functions.map((name) => ({ function: name })) }],
})

describe('a variant in which a task dies or hangs', () => {
  const baseline = examined([leak('a', 1), leak('b', 2), leak('c', 3)])

  it('fixes no finding of this step or later: it did not reach them', () => {
    expect(verdicts(baseline, examined([oops('f', 2)], 2))).toEqual([
      'introduced oops f',
      'fixed leak a',
      'not-reached leak b',
      'not-reached leak c',
    ])
    expect(judge(baseline, examined([oops('f', 2)], 2)).at(-1)?.hiddenBy).toEqual({
      reason: 'run-ended',
      step: 2,
      finding: oops('f', 2),
    })
  })
})

describe('a finding after the end of the unpatched run', () => {
  const died = examined([oops('f', 2)], 2)
  const status = (finding: Finding, patchFacts?: ReturnType<typeof changing>): string | undefined =>
    judge(died, examined([finding]), patchFacts)[0]?.status

  it('is revealed if no changed code led to it, and shows what ended the run', () => {
    const late = proven(leak('a', 3), 'h', 'g')
    expect(judge(died, examined([late]), changing('mended'))[0]).toEqual({
      ...late,
      status: 'revealed',
      unpatched: { state: 'not-reached', endedIn: 2 },
      hiddenBy: { reason: 'run-ended', step: 2, finding: oops('f', 2) },
    })
  })

  it('is introduced if changed code is in its evidence, or may be', () => {
    expect(status(proven(leak('a', 3), 'h', 'mended'), changing('mended'))).toBe('introduced')
    expect(status(proven(leak('a', 3), 'h', 'g'))).toBe('introduced')
  })

  it('is introduced if changed code is in the life of its object', () => {
    const late = proven(leak('/x[0] held by f', 3), 'h', 'g')
    const life: ObjectLife = {
      object: '/x[0]',
      functions: ['mended'],
      holders: [],
      handOvers: [],
      touches: [],
    }
    expect(judge(died, { ...examined([late]), lives: [life] }, changing('mended'))[0]?.status).toBe(
      'introduced',
    )
    expect(judge(died, { ...examined([late]), lives: [life] }, changing('other'))[0]?.status).toBe('revealed')
  })

  it('is introduced if it arises before the end', () => {
    expect(status(proven(leak('a', 1), 'h', 'g'), changing('mended'))).toBe('introduced')
  })

  it('is introduced if a task dies of it, unless one dies of it on the unpatched kernel in another scenario', () => {
    const death: Finding = {
      ...oops('g', 3),
      evidence: [{ kind: 'task-killed', data: { reason: 'r' }, chain: [{ function: 'g' }] }],
    }
    expect(status(death, changing('mended'))).toBe('introduced')
    expect(status(death, changing('mended', 'oops task-killed g'))).toBe('revealed')
  })

  it('is introduced if something is missing, unless the unpatched kernel lacks it in another scenario', () => {
    const missing: Finding = {
      oracle: 'lost-node',
      kind: 'node-missing',
      subject: '/x',
      step: 3,
      count: 1,
      data: {},
      evidence: [{ kind: 'node-detached', data: {}, chain: [{ function: 'g' }] }],
    }
    expect(status(missing, changing('mended'))).toBe('introduced')
    expect(status(missing, changing('mended', 'lost-node node-missing /x'))).toBe('revealed')
    expect(status(missing, changing('mended', 'lost-node node-missing /y'))).toBe('introduced')
  })

  it('is introduced if changed code writes the state that it reads in some scenario, or did', () => {
    const step = { step: 3, count: 1, evidence: [] }
    const late: readonly (readonly [Finding, state: string])[] = [
      [
        {
          oracle: 'missed-update',
          kind: 'changes-not-read',
          subject: 'ibm,update-nodes',
          data: { calls: 0 },
          ...step,
        },
        'call ibm,update-nodes',
      ],
      [
        {
          oracle: 'lost-service',
          kind: 'service-without-driver',
          subject: 'hwrng rng',
          data: { driver: 'd' },
          ...step,
        },
        'service hwrng rng',
      ],
      [
        {
          oracle: 'missed-update',
          kind: 'old-value-in-node',
          subject: 'd p',
          data: { driver: 'd' },
          ...step,
        },
        'property p',
      ],
      [
        { oracle: 'missed-update', kind: 'old-value-in-tree', subject: '/x p', data: {}, ...step },
        'property p',
      ],
    ]
    for (const [finding, state] of late) {
      const known = `${finding.oracle} ${finding.kind} ${finding.subject}`
      const writtenBy = (name: string) => ({
        ...changing('mended', known),
        writtenIn: new Map([[state, new Set([name])]]),
      })
      expect(status(finding, writtenBy('mended')), known).toBe('introduced')
      expect(status(finding, writtenBy('other')), known).toBe('revealed')
      expect(status(finding, changing('mended')), known).toBe('introduced')
      const writing = { ...examined([finding]), writers: [{ state, functions: ['mended'] }] }
      expect(
        judge(died, writing, changing('mended', known)).find(({ kind }) => kind === finding.kind)?.status,
        `${known}, written on the variant`,
      ).toBe('introduced')
    }
  })

  it('is introduced if the patches introduce it in another scenario', () => {
    const late = proven(leak('/x[1] held by f', 3), 'f', 'g')
    const introducing = (...keys: string[]) => ({
      ...changing('mended', 'leak reference-held /x[] held by f'),
      introducedAnywhere: new Set(keys),
    })
    expect(status(late, introducing(findingKey(late)))).toBe('introduced')
    expect(status(late, introducing(findingKey(leak('/x[0] held by f', 3))))).toBe('revealed')
  })

  it('is introduced if changed code drops references of the holder in some scenario, or did', () => {
    const late = proven(leak('/x[0] held by f', 3), 'f', 'g')
    const droppedBy = (name: string, ...anywhere: string[]) => ({
      ...changing('mended', ...anywhere),
      droppedIn: new Map([['f', new Set([name])]]),
    })
    expect(status(late, droppedBy('mended'))).toBe('introduced')
    expect(status(late, droppedBy('other'))).toBe('revealed')
    expect(status(late, droppedBy('mended', 'leak reference-held /x[] held by f'))).toBe('revealed')
  })

  it('is revealed for occurrences after the end, and kept for the rest', () => {
    const both = examined([proven(complaint('w', 1), 'g'), oops('f', 2)], 2)
    const more = { ...proven(complaint('w', 1), 'g'), count: 3 }
    const verdictsOf = (steps: number[]): (string | undefined)[] =>
      judge(both, examined([{ ...more, steps }]), changing('mended')).map(({ status }) => status)
    expect(verdictsOf([1, 3, 3])).toEqual(['kept', 'revealed', 'fixed'])
    expect(verdictsOf([1, 1, 3])).toEqual(['kept', 'introduced', 'fixed'])
  })
})

const underflow = (node: string): FindingOf<'counter-fault'> => ({
  oracle: 'refcount',
  kind: 'counter-fault',
  subject: `${node} underflow`,
  step: 2,
  count: 1,
  data: { fault: 'underflow' },
  evidence: [],
})

describe('a leak of a reference that the unpatched kernel leaks in another scenario', () => {
  const subject = '/x[0] held by f'
  const held = { ...proven(leak(subject), 'finder', 'f'), count: 2 }
  const life = (taken: number, dropped: number): ObjectLife => ({
    object: '/x[0]',
    functions: [],
    holders: [holderOf('f', taken, dropped)],
    handOvers: [],
    touches: [],
  })
  const judged = (
    unpatched: ObjectLife,
    variant: ObjectLife,
    patchFacts = changing('mended', 'leak reference-held /x[] held by f'),
  ): JudgedFinding | undefined =>
    judge({ ...examined([]), lives: [unpatched] }, { ...examined([held]), lives: [variant] }, patchFacts)[0]

  it('is revealed, with the scenario, if the variant only makes the call more often', () => {
    expect(judged(life(0, 0), life(2, 0))).toEqual({
      ...held,
      status: 'revealed',
      hiddenBy: { reason: 'other-scenario', scenario: 'elsewhere' },
    })
  })

  it('is introduced if changed code makes the call', () => {
    expect(judged(life(0, 0), life(2, 0), changing('f', 'leak reference-held /x[] held by f'))?.status).toBe(
      'introduced',
    )
  })

  it('is introduced if the variant takes as many references and drops fewer', () => {
    expect(judged(life(2, 2), life(2, 0))?.status).toBe('introduced')
    expect(judged(life(1, 1), life(3, 0))?.status).toBe('introduced')
  })

  it('is introduced if changed code is in a call that drops references of this function in some scenario', () => {
    const circumstances = changing('release', 'leak reference-held /x[] held by f')
    const dropping = (...functions: string[]) => new Map([['f', new Set(functions)]])
    const statusWith = (droppedIn: Map<string, Set<string>>) =>
      judged(life(0, 0), life(2, 0), { ...circumstances, droppedIn })?.status
    expect(statusWith(dropping('of_node_put', 'release', 'exit'))).toBe('introduced')
    expect(statusWith(dropping('of_node_put', 'exit'))).toBe('revealed')
    expect(statusWith(new Map([['g', new Set(['release'])]]))).toBe('revealed')
  })

  it('is introduced if the unpatched kernel leaks it nowhere', () => {
    expect(judged(life(0, 0), life(2, 0), changing('mended'))?.status).toBe('introduced')
  })
})

describe('a leaked reference that was taken for a device', () => {
  const held = leak('/x[0] held by register')
  const leaked: Finding = { ...held, data: { ...held.data, holder: 'register' } }
  const stale: Finding = {
    oracle: 'stale-device',
    kind: 'node-detached',
    subject: 'x',
    step: 1,
    count: 1,
    data: { node: '/x[0]', state: 'detached', driver: null },
    evidence: [],
  }
  const life = (taken: number, lost = 0, dropped = 0): ObjectLife => ({
    object: '/x[0]',
    functions: [],
    holders: [holderOf('register', taken, dropped, lost)],
    handOvers: [],
    touches: [],
  })
  const judged = (unpatched: ObjectLife, variant: ObjectLife, findings: readonly Finding[]) =>
    judge(
      { ...examined([leaked, stale]), lives: [unpatched] },
      { ...examined(findings), lives: [variant] },
      changing('register'),
    ).find(({ subject }) => subject === leaked.subject)

  it('is kept if it is no longer taken, but the stale device is still there', () => {
    expect(judged(life(1), life(0), [stale])).toEqual({
      ...leaked,
      status: 'kept',
      hiddenBy: { reason: 'other-symptom', finding: stale },
    })
  })

  it('is kept if the taker drops it at once, but the stale device is still there', () => {
    expect(judged(life(1), life(1, 0, 1), [stale])?.status).toBe('kept')
  })

  it('is fixed if the device is gone, or if another function drops the reference', () => {
    expect(judged(life(1), life(0), [])?.status).toBe('fixed')
    expect(judged(life(1), life(1), [stale])?.status).toBe('fixed')
  })

  it('is fixed if no function drops it by convention, or if the stale device has another node', () => {
    expect(judged(life(1, 1), life(0), [stale])?.status).toBe('fixed')
    const other: Finding = { ...stale, data: { ...stale.data, node: '/x[1]' } }
    expect(judged(life(1), life(0), [other])?.status).toBe('fixed')
  })
})

describe('a counter that drops too low', () => {
  const theft: Finding = {
    ...stolen,
    subject: '/x[0] stolen from finder',
    data: { dropper: 'd', owner: 'finder' },
  }
  /** References by function. */
  type Holders = Readonly<Record<string, readonly [taken: number, dropped: number, lost: number]>>
  const life = (holders: Holders): ObjectLife => ({
    object: '/x[0]',
    functions: [],
    holders: Object.entries(holders).map(([by, counts]) => holderOf(by, ...counts)),
    handOvers: [],
    touches: [],
  })
  // `d` drops one reference too many, which hits the reference that `finder` lost.
  const unpatched = {
    ...examined([theft]),
    lives: [life({ init: [1, 0, 0], finder: [1, 0, 1], d: [0, 2, 0] })],
  }
  const judged = (holders: Holders): JudgedFinding[] =>
    judge(unpatched, { ...examined([underflow('/x[0]')]), lives: [life(holders)] })

  it('is revealed if the surplus drop used to hit a lost reference that is no longer lost; the drop is kept', () => {
    const all = judged({ init: [1, 0, 0], finder: [1, 1, 0], d: [0, 2, 0] })
    expect(all.map(({ status, subject }) => `${status} ${subject}`)).toEqual([
      'revealed /x[0] underflow',
      'kept /x[0] stolen from finder',
    ])
    expect(all[0]?.hiddenBy).toEqual({ reason: 'other-symptom', finding: theft })
    expect(all[1]?.hiddenBy).toMatchObject({ reason: 'other-symptom', finding: underflow('/x[0]') })
  })

  it.each<[string, Holders]>([
    ['the finder drops two', { init: [1, 0, 0], finder: [1, 2, 0], d: [0, 2, 0] }],
    ['another function drops one more', { init: [1, 0, 0], finder: [1, 1, 0], d: [0, 3, 0] }],
    ['a new function drops one', { init: [1, 0, 0], finder: [1, 1, 0], d: [0, 2, 0], new: [0, 1, 0] }],
    ['a reference is not taken that nobody lost', { finder: [1, 1, 0], d: [0, 2, 0] }],
    ['nothing was mended', { init: [1, 0, 0], finder: [1, 0, 1], d: [0, 2, 0] }],
  ])('is introduced if %s', (_, holders) => {
    expect(judged(holders)[0]?.status).toBe('introduced')
  })

  describe('on the unpatched kernel, while the patches take one reference more', () => {
    const short = {
      ...examined([underflow('/x[0]')]),
      lives: [life({ init: [1, 0, 0], d: [0, 2, 0] })],
    }
    const thief = { ...theft, step: 4, data: { dropper: 'd', owner: 'holder' } }
    const statuses = (holders: Holders) =>
      judge(short, { ...examined([thief]), lives: [life(holders)] }).map(
        ({ status, subject }) => `${status} ${subject}`,
      )

    it('is kept, and the theft of that reference is revealed: it is the same surplus drop', () => {
      expect(statuses({ init: [1, 0, 0], d: [0, 2, 0], holder: [1, 0, 0] })).toEqual([
        'revealed /x[0] stolen from finder',
        'kept /x[0] underflow',
      ])
    })

    it('is fixed, and the theft is introduced, if the theft comes before the surplus drop', () => {
      const droppedIn = (step: number) => {
        const d = { ...holderOf('d', 0, 2), surplusPuts: [{ seq: putsFrom, step }] }
        const lives = short.lives.map((one) => ({ ...one, holders: [holderOf('init', 1, 0, 0), d] }))
        const now = life({ init: [1, 0, 0], d: [0, 2, 0], holder: [1, 0, 0] })
        return judge({ ...short, lives }, { ...examined([{ ...thief, step: 1 }]), lives: [now] })[0]?.status
      }
      // The counter drops too low in step 2.
      expect(droppedIn(1)).toBe('revealed')
      expect(droppedIn(2)).toBe('introduced')
    })

    it('is fixed, and the theft is introduced, if a function drops one more reference', () => {
      const introduced = ['introduced /x[0] stolen from finder', 'fixed /x[0] underflow']
      expect(statuses({ init: [1, 0, 0], d: [0, 3, 0], holder: [1, 0, 0] })).toEqual(introduced)
      expect(statuses({ init: [1, 0, 0], d: [0, 2, 0], holder: [1, 0, 0], new: [0, 1, 0] })).toEqual(
        introduced,
      )
    })
  })

  describe('and is accessed afterwards', () => {
    const touched: Finding = {
      oracle: 'use-after-free',
      kind: 'touched-after-free',
      subject: '/x[0]',
      step: 2,
      count: 3,
      data: { access: 'read', by: 'g', freedBy: 'd' },
      evidence: [],
    }
    type Touches = Readonly<Record<string, number>>
    const dead = (touches: Touches): ObjectLife => ({
      ...life({ init: [1, 0, 0], d: [0, 2, 0] }),
      touches: Object.entries(touches).map(([chain, count]) => ({
        chain: chain.split(' < '),
        step: 2,
        count,
      })),
    })
    const statusesOf = (before: Touches, now: Touches) => {
      const run = (touches: Touches) => {
        const count = Object.values(touches).reduce((sum, n) => sum + n, 0)
        return { ...examined([underflow('/x[0]'), { ...touched, count }]), lives: [dead(touches)] }
      }
      return judge(run(before), run(now), changing('mended')).map(({ kind, status }) => `${status} ${kind}`)
    }
    const known = ['kept counter-fault', 'kept touched-after-free']

    it('is revealed if only unchanged code accesses it more often', () => {
      const more = statusesOf({ g: 1, 'h < mended': 1 }, { g: 3, 'h < mended': 1 })
      expect(more).toEqual([...known, 'revealed touched-after-free'])
    })

    it('is introduced if changed code accesses it more often than before', () => {
      const introduced = [...known, 'introduced touched-after-free']
      expect(statusesOf({ g: 1 }, { g: 1, mended: 1 })).toEqual(introduced)
      expect(statusesOf({ g: 1 }, { g: 1, 'h < mended < g': 1 })).toEqual(introduced)
      expect(statusesOf({ 'h < mended': 1 }, { 'h < mended': 2 })).toEqual(introduced)
      expect(statusesOf({ 'h < mended < g': 1 }, { 'h < mended < g': 1, 'h < mended < f': 1 })).toEqual(
        introduced,
      )
    })

    it('is not introduced if the same calls access it again after the step in which the unpatched run ended', () => {
      const at = (step: number) => ({ chain: ['h', 'mended'], step, count: 1 })
      const run = (end: number | null, ...steps: number[]) => ({
        ...examined([underflow('/x[0]'), { ...touched, count: steps.length }], end),
        lives: [{ ...dead({}), touches: steps.map(at) }],
      })
      const surplus = (end: number | null): string | undefined =>
        judge(run(end, 1), run(null, 1, 3), changing('mended')).find((one) => one.surplus)?.status
      expect([surplus(2), surplus(null)]).toEqual(['revealed', 'introduced'])
    })
  })

  describe('before a function takes a reference', () => {
    const deadGet: Finding = {
      ...underflow('/x[0]'),
      subject: '/x[0] increment-on-0',
      data: { fault: 'increment-on-0' },
    }
    const dead = { ...unpatched, lives: [life({ init: [1, 0, 1], d: [0, 2, 0] })] }
    const handOvers = [
      {
        taker: 'probe',
        dropper: 'remove',
        certain: true,
        get: { seq: 0, step: 1 },
        put: { seq: 100, step: 1 },
      },
    ]
    const taken = life({ init: [1, 0, 1], d: [0, 2, 0], probe: [2, 0, 0], remove: [0, 1, 0] })
    const statusOf = (own: ObjectLife): string | undefined =>
      judge(dead, { ...examined([deadGet, theft]), lives: [own] })[0]?.status

    it('is revealed: the object would also be dead without the patches', () => {
      expect(statusOf({ ...taken, handOvers })).toBe('revealed')
    })

    it('is introduced if the patches drop a reference that they do not take', () => {
      expect(statusOf(taken)).toBe('introduced')
      const twice = life({ init: [1, 0, 1], d: [0, 3, 0], probe: [2, 0, 0], remove: [0, 1, 0] })
      expect(statusOf({ ...twice, handOvers })).toBe('introduced')
    })

    it('is fixed, if a later surplus drop of the unpatched kernel hits another reference in the variant', () => {
      const holders: Holders = { init: [1, 0, 1], d: [0, 1, 0] }
      const ofInit: Finding = { ...stolen, subject: theft.subject, data: { dropper: 'd', owner: 'init' } }
      const statusAfter = (step: number) =>
        judge(
          {
            ...examined([
              { ...deadGet, step: 3 },
              { ...ofInit, step },
            ]),
            lives: [life(holders)],
          },
          {
            ...examined([{ ...underflow('/x[0]'), step: 9 }]),
            lives: [life({ init: [1, 1, 0], d: [0, 1, 0] })],
          },
        ).find(({ subject }) => subject === deadGet.subject)?.status
      expect(statusAfter(9)).toBe('fixed')
      expect(statusAfter(2)).toBe('kept')
    })

    it('is introduced if the unpatched kernel drops no reference too many', () => {
      const stale: Finding = { ...lookup, subject: '/x[0]' }
      const judged = judge(
        { ...examined([stale]), lives: dead.lives },
        { ...examined([deadGet]), lives: [{ ...taken, handOvers }] },
      )
      expect(judged[0]?.status).toBe('introduced')
    })
  })

  it('once more is revealed if a dead object was only taken and dropped', () => {
    const dead = (count: number, taken: number) => ({
      ...examined([{ ...underflow('/x[0]'), count }]),
      lives: [life({ init: [1, 1, 0], user: [taken, taken, 0] })],
    })
    expect(judge(dead(1, 1), dead(2, 2)).map(({ status, count }) => [status, count])).toEqual([
      ['kept', 1],
      ['revealed', 1],
    ])
    const dropped = { ...dead(2, 2), lives: [life({ init: [1, 1, 0], user: [1, 2, 0] })] }
    expect(judge(dead(1, 1), dropped).map(({ status }) => status)).toEqual(['kept', 'introduced'])
  })
})

const lookup: Finding = {
  oracle: 'stale-lookup',
  kind: 'detached-node-returned',
  subject: '/x[0]',
  step: 4,
  count: 1,
  data: { finder: 'finder', caller: 'f' },
  evidence: [
    { kind: 'looked-up', data: { caller: 'f' }, chain: [{ function: 'finder' }, { function: 'f' }] },
  ],
}

describe('a message about a device that has another driver', () => {
  const message = (line: string, step: number, printer = 'upd', count = 1): Finding => ({
    oracle: 'console',
    kind: 'console-line',
    subject: line,
    step,
    count,
    data: { line, names: ['dev0'] },
    evidence: [
      { kind: 'console-line', data: { line }, chain: [{ function: printer }, { function: 'caller' }] },
    ],
  })
  const bound = message('drv dev0: bad property', 1)
  const again = message('bus dev0: bad property', 2)
  const statuses = (
    now: Finding | readonly Finding[],
    changed: readonly string[] = ['caller'],
    before: readonly Finding[] = [bound],
  ): string[] =>
    judge(examined(before), examined([...before, now].flat()), {
      changed: codeInFunctions(changed),
      unpatchedAnywhere: new Map(),
      droppedIn: new Map(),
      writtenIn: new Map(),
    }).map(({ status }) => status)

  it('is revealed if the unpatched kernel prints it too', () => {
    expect(statuses(again)).toEqual(['kept', 'revealed'])
  })

  it.each([
    ['a changed function prints it', again, ['upd']],
    ['another function prints it', message('bus dev0: bad property', 2, 'other'), ['caller']],
    ['the text differs', message('bus dev0: no property', 2), ['caller']],
    ['the device differs', message('bus dev1: bad property', 2), ['caller']],
    ['it is printed more often', message('bus dev0: bad property', 2, 'upd', 2), ['caller']],
    ['it is printed earlier', message('bus dev0: bad property', 0), ['caller']],
  ])('is introduced if %s', (_what, now, changed) => {
    expect(statuses(now, changed)).toEqual(['kept', 'introduced'])
  })

  it('is introduced if it replaces the message of the unpatched kernel', () => {
    const [now, then] = judge(examined([bound]), examined([again]), {
      changed: codeInFunctions(['caller']),
      unpatchedAnywhere: new Map(),
      droppedIn: new Map(),
      writtenIn: new Map(),
    })
    expect([now?.status, then?.status]).toEqual(['introduced', 'fixed'])
  })

  it('is introduced if there are two new messages', () => {
    const both = [again, message('other dev0: bad property', 3)]
    expect(statuses(both)).toEqual(['kept', 'introduced', 'introduced'])
  })

  it('is introduced if it is another message about a node', () => {
    const about = (what: string, step: number): Finding => {
      const found = message(`${what} /a/b: wrong`, step)
      return found.kind === 'console-line' ? { ...found, data: { ...found.data, names: ['/a/b'] } } : found
    }
    expect(statuses(about('Attached', 2), ['caller'], [about('Removed', 1)])).toEqual(['kept', 'introduced'])
  })
})

describe('a lookup that finds the same dead node', () => {
  const freed = (...functions: string[]): Finding => ({
    oracle: 'use-after-free',
    kind: 'touched-after-free',
    subject: '/x[0]',
    step: 4,
    count: 1,
    data: { access: 'read', by: 'finder', freedBy: 'd' },
    evidence: [
      {
        kind: 'touched',
        data: { access: 'read', struct: 'device_node', field: 'phandle' },
        chain: functions.map((name) => ({ function: name })),
      },
    ],
  })
  const lives: ObjectLife[] = [{ object: '/x[0]', functions: [], holders: [], handOvers: [], touches: [] }]
  const statuses = (before: Finding, now: Finding): string[] =>
    judge({ ...examined([before]), lives }, { ...examined([now]), lives }).map(
      ({ oracle, status }) => `${status} ${oracle}`,
    )

  it('is revealed, and the access to freed memory is kept, if its memory is no longer freed', () => {
    const same = ['revealed stale-lookup', 'kept use-after-free']
    expect(statuses(freed('finder', 'f'), lookup)).toEqual(same)
    expect(statuses(freed('of_node_get', 'finder', 'f'), lookup)).toEqual(same)
  })

  it('is introduced if it is another lookup, or in another step', () => {
    const other = ['introduced stale-lookup', 'fixed use-after-free']
    expect(statuses(freed('finder', 'g'), lookup)).toEqual(other)
    expect(statuses(freed('finder', 'f'), { ...lookup, step: 5 })).toEqual(other)
  })

  it('makes an access to freed memory introduced if nothing shows that the memory was freed before', () => {
    expect(statuses(lookup, freed('finder', 'f'))).toEqual([
      'introduced use-after-free',
      'fixed stale-lookup',
    ])
  })
})

const held = (by: string, count = 1): FindingOf<'reference-held'> => ({
  ...leak(`/x[0] held by ${by}`),
  count,
  data: { state: 'detached', holder: by, references: 2 },
})
const tree = { node: '/x[0]', path: '/x', life: 'allocated', inTree: false, flags: [] } as const
const detachedNode = { ...tree, phandle: 1, sysfs: null, device: null, driver: null }

/** A run whose references are known. */
type Ending = Pick<ExaminedRun, 'findings' | 'brokenOffIn' | 'lives' | 'story'>

/** A run that ends with this number of references on the node. */
const ending = (
  refcount: number,
  holders: readonly (readonly [by: string, taken: number, dropped: number, lost?: number] | Holder)[],
  ...findings: Finding[]
): Ending => ({
  ...examined(findings),
  lives: [
    {
      object: '/x[0]',
      functions: [],
      holders: holders.map((own) => ('by' in own ? own : holderOf(...own))),
      handOvers: [],
      touches: [],
    },
  ],
  story: {
    trees: {
      before: [],
      after: [{ ...detachedNode, refcount }],
    },
    counts: [],
  },
})

describe('a death that the unpatched kernel does not reach', () => {
  const dead = (...functions: string[]): Finding => ({
    ...oops('strlen', 4),
    evidence: [
      { kind: 'task-killed', data: { reason: 'r' }, chain: functions.map((name) => ({ function: name })) },
    ],
  })
  const path = ['strlen', 'detach', 'f', 'store']
  const statuses = (
    findings: readonly Finding[],
    unpatched: readonly Finding[] = [lookup],
    changed = changing('finder'),
  ): string[] =>
    judge(examined(unpatched), examined(findings, 4), changed)
      .filter(({ status }) => status === 'introduced' || status === 'revealed')
      .map(({ status, oracle }) => `${status} ${oracle}`)

  it('is revealed, with what the task left behind, if a wrong lookup kept it from the node', () => {
    expect(statuses([dead(...path), leak('/x[1] held by f', 4)])).toEqual(['revealed oops', 'revealed leak'])
    expect(judge(examined([lookup]), examined([dead(...path)], 4), changing('finder'))[0]?.hiddenBy).toEqual({
      reason: 'masked',
      finding: lookup,
    })
  })

  it('is introduced if the lookup is right there, made by another function, or still wrong', () => {
    expect(statuses([dead(...path)], [])).toEqual(['introduced oops'])
    expect(statuses([dead('strlen', 'detach', 'g', 'store')])).toEqual(['introduced oops'])
    expect(statuses([dead(...path), lookup])).toEqual(['introduced oops'])
  })

  it('does not excuse a leak in changed code that has nothing to do with the death', () => {
    const other: Finding = {
      ...leak('/y[1] held by my_probe', 4),
      evidence: [{ kind: 'taken', data: { holder: 'my_probe' }, chain: [{ function: 'my_probe' }] }],
    }
    expect(statuses([dead(...path), other], [lookup], changing('my_probe'))).toEqual([
      'revealed oops',
      'introduced leak',
    ])
  })

  it('is introduced if changed code runs behind the lookup; so is a leak from a step before the death', () => {
    expect(statuses([dead(...path)], [lookup], changing('detach'))).toEqual(['introduced oops'])
    expect(statuses([dead(...path)], [lookup], changing('f'))).toEqual(['introduced oops'])
    expect(statuses([dead(...path), leak('/x[1] held by f', 3)])).toEqual([
      'revealed oops',
      'introduced leak',
    ])
  })
})

it('a stolen reference that the unpatched kernel leaks is introduced: the call drops too much', () => {
  const leaked = [['finder', 1, 0]] as const
  const freed = [...leaked, ['d', 0, 1]] as const
  const theft: Finding = {
    ...stolen,
    subject: '/x[0] stolen from finder',
    masks: ['leak /x[0] held by finder'],
  }
  const judged = judge(ending(2, leaked, held('finder')), ending(1, freed, theft))
  expect(judged.map(({ status, subject }) => [status, subject])).toEqual([
    ['introduced', '/x[0] stolen from finder'],
    ['kept', '/x[0] held by finder'],
  ])
})

describe('a theft', () => {
  const theft: Finding = {
    ...stolen,
    subject: '/x[0] stolen from finder',
    masks: ['leak /x[0] held by finder'],
  }
  const balanced = [['finder', 1, 1]] as const
  const unpatched = ending(1, balanced)
  /** A run with the theft. A slot takes a reference at `seq` and keeps it. */
  const slotFrom = (seq: number, left = 1) =>
    ending(left, [...balanced, { ...holderOf('slot', 1, 0), kept: positions(1, seq) }], theft)
  const introduced = [{ ...theft, status: 'introduced' }]

  it('is a hand-over if another function keeps a reference more; it masks no leak', () => {
    expect(withoutMasksOfHandOvers(unpatched, slotFrom(getsFrom))).toEqual([{ ...theft, masks: [] }])
    expect(judge(unpatched, slotFrom(getsFrom))).toEqual([])
  })

  it('is no hand-over if a reference is missing at the end', () => {
    expect(withoutMasksOfHandOvers(unpatched, slotFrom(getsFrom, 0))).toEqual([theft])
    expect(judge(unpatched, slotFrom(getsFrom, 0))).toEqual(introduced)
  })

  it('is no hand-over if no function keeps a reference more, or only one that it took later', () => {
    expect(judge(unpatched, ending(1, balanced, theft))).toEqual(introduced)
    expect(judge(unpatched, slotFrom(putsFrom + 1))).toEqual(introduced)
  })

  it('is no hand-over of a reference with an owner by convention, unless the function takes one more reference', () => {
    const owned = { ...holderOf('slot', 1, 0, 0), kept: positions(1, getsFrom) }
    const run = ending(1, [...balanced, owned], theft)
    expect(judge(unpatched, run)).toEqual(introduced)
    const takes = (one: Ending, count: number): Ending => {
      const points = positions(count, getsFrom).map((at) => ({ ...at, count: 2, change: 1, by: 'slot' }))
      return { ...one, story: { ...one.story, counts: [{ node: '/x[0]', points }] } }
    }
    expect(judge(takes(unpatched, 1), takes(run, 2))).toEqual([])
    expect(judge(takes(unpatched, 1), takes(run, 1))).toEqual(introduced)
    expect(judge(takes(unpatched, 0), takes(run, 1))).toEqual(introduced)
  })

  it('is a hand-over of the reference that another function dropped later, if the references were never fewer', () => {
    const [get, put] = [
      { seq: getsFrom, step: 1 },
      { seq: putsFrom + 2, step: 2 },
    ]
    const handOvers = [{ taker: 'cache', dropper: 'frees', certain: true, get, put }]
    const withCounts = (run: Ending, ...counts: number[]): Ending => {
      const moments = counts.map((refcount) => ({
        nodes: [{ ...detachedNode, refcount }],
        phandleCache: [],
        vio: [],
      }))
      return { ...run, story: { ...run.story, moments } }
    }
    const later = slotFrom(putsFrom + 1)
    const swapped = { ...later, lives: later.lives.map((one) => ({ ...one, handOvers })) }
    const before = withCounts(unpatched, 2, 2, 1)
    expect(judge(before, withCounts(swapped, 3, 2, 1))).toEqual([])
    expect(judge(before, withCounts(swapped, 2, 1, 1))).toEqual(introduced)
  })

  it('is no hand-over if the unpatched kernel keeps the reference too, unless it frees the object instead', () => {
    const kept = [...balanced, ['init', 1, 0]] as const
    expect(judge(ending(1, kept), ending(1, kept, theft))).toEqual(introduced)
    const after = [{ ...detachedNode, refcount: 0, life: 'freed' as const }]
    const freed = { ...ending(0, kept), story: { trees: { before: [], after }, counts: [] } }
    expect(judge(freed, ending(0, kept, theft))).toEqual([])
    expect(judge(ending(0, kept), ending(0, kept, theft))).toEqual(introduced)
  })
})

describe('a reference that a helper takes, and that is dropped by a function that also takes its own', () => {
  type Holding = Parameters<typeof ending>[1]
  const theft: Finding = {
    ...stolen,
    subject: '/x[0] stolen from device',
    data: { dropper: 'deletes', owner: 'device' },
    masks: ['leak /x[0] held by device'],
  }
  const device = ['device', 1, 0, 0] as const
  const leaks = ['init', 1, 0, 1] as const
  const mended = ['init', 1, 1, 0] as const
  const helper = ['helper', 1, 0, 1] as const
  const unpatched = ending(2, [device, leaks, ['deletes', 1, 1, 0]], held('device'), held('init'))
  const statuses = (left: number, now: Holding, ...findings: Finding[]): string[] =>
    judge(unpatched, ending(left, now, ...findings)).map(({ status, subject }) => `${status} ${subject}`)
  const drops = (count: number) => ['deletes', 1, 1 + count, 0] as const

  it('is handed over: nothing is stolen, and the leak has its former name', () => {
    const kept = ['kept /x[0] held by device', 'kept /x[0] held by init']
    expect(
      statuses(2, [device, leaks, helper, drops(1)], theft, held('helper'), held('init')).sort(),
    ).toEqual(kept)
  })

  it('is handed over if a function no longer loses a reference', () => {
    expect(statuses(1, [device, mended, helper, drops(1)], theft, held('helper')).sort()).toEqual([
      'fixed /x[0] held by init',
      'kept /x[0] held by device',
    ])
  })

  it('is stolen if the function drops more than the helper takes', () => {
    const two = { ...theft, count: 2 }
    expect(statuses(0, [device, mended, helper, drops(2)], two)).toContain(
      'introduced /x[0] stolen from device',
    )
    expect(statuses(0, [device, mended, drops(1)], theft)).toContain('introduced /x[0] stolen from device')
    expect(statuses(1, [device, leaks, drops(1)], theft)).toContain('introduced /x[0] stolen from device')
  })

  it('is stolen if a reference is missing at the end', () => {
    const findings = [theft, held('helper'), underflow('/x[0]')]
    expect(statuses(1, [device, mended, helper, drops(1)], ...findings)).toContain(
      'introduced /x[0] stolen from device',
    )
  })

  describe('on a node that has no reference left without the patches', () => {
    const other: Finding = { ...theft, data: { dropper: 'detach', owner: 'device' } }
    const now: Finding = { ...theft, subject: '/x[0] stolen from helper' }
    const twice = ['detach', 0, 2, 0] as const
    const dead = ending(0, [device, twice, ['deletes', 1, 1, 0]], other, underflow('/x[0]'))
    const verdictOf = (...own: Holding) =>
      judge(dead, ending(0, [device, twice, ...own], other, underflow('/x[0]'), now))[2]?.status

    it('shows the surplus drop of the unpatched kernel in another way', () => {
      expect(verdictOf(helper, drops(1))).toBe('revealed')
    })

    it('is stolen if the function drops more, or if a function that takes none drops it', () => {
      expect(verdictOf(helper, drops(2))).toBe('introduced')
      expect(verdictOf(helper, drops(0), ['other', 0, 1, 0])).toBe('introduced')
      expect(verdictOf(drops(1))).toBe('introduced')
    })

    it('is stolen if the helper takes the reference after the drop', () => {
      const after = { ...holderOf(...helper), kept: positions(1, putsFrom + 1) }
      expect(verdictOf(after, drops(1))).toBe('introduced')
    })

    it('is stolen if the reference that the helper takes has an owner by convention', () => {
      expect(verdictOf(['helper', 1, 0, 0], drops(1))).toBe('introduced')
    })
  })
})

describe('a theft that the variant does not show', () => {
  type Holding = Parameters<typeof ending>[1]
  const stolenFrom = (owner: string, dropper = 'detach', count = 1): Finding => ({
    ...stolen,
    subject: `/x[0] stolen from ${owner}`,
    count,
    data: { dropper, owner },
  })
  const fault: Finding = {
    ...underflow('/x[0]'),
    evidence: [{ kind: 'counter-fault', data: { fault: 'underflow' }, chain: [{ function: 'detach' }] }],
  }
  const detach = (dropped: number) => ['detach', 0, dropped, 0] as const
  const device = ['device', 1, 0, 0] as const
  const init = ['init', 1, 0, 1] as const
  const unpatched = ending(1, [device, init, detach(2)], stolenFrom('device'))
  const statusOf = (now: Holding, ...findings: Finding[]): string | undefined =>
    judge(unpatched, ending(1, now, ...findings)).find(
      ({ subject }) => subject === '/x[0] stolen from device',
    )?.status

  it('is kept if the same drop steals from another function, or no reference is left for it', () => {
    expect(statusOf([init, detach(2)], stolenFrom('init'))).toBe('kept')
    expect(statusOf([detach(2)], fault)).toBe('kept')
    const judged = judge(unpatched, ending(1, [init, detach(2)], stolenFrom('init')))
    expect(judged[1]?.hiddenBy).toEqual({ reason: 'other-symptom', finding: stolenFrom('init') })
  })

  it('is fixed if the function drops one reference less, if a function takes it, or if another function steals it', () => {
    expect(statusOf([device, init, detach(1)])).toBe('fixed')
    expect(statusOf([device, init, ['new', 1, 0, 0], detach(2)])).toBe('fixed')
    expect(statusOf([device, init, detach(1), ['e', 0, 1, 0]], stolenFrom('init', 'e'))).toBe('fixed')
  })

  it('is fixed if the unpatched kernel has the remaining drop too', () => {
    const two = ending(0, [device, init, detach(3)], stolenFrom('device'), stolenFrom('init'))
    const statuses = (dropped: number, ...findings: Finding[]) =>
      judge(two, ending(1, [device, init, detach(dropped)], stolenFrom('init'), ...findings)).map(
        ({ status, subject }) => `${status} ${subject}`,
      )
    expect(statuses(2)).toEqual(['kept /x[0] stolen from init', 'fixed /x[0] stolen from device'])
    expect(statuses(3, fault)).toContain('kept /x[0] stolen from device')
  })
})

it('findings of a variant explain only as many thefts that it no longer shows as they have occurrences', () => {
  const stolenFrom = (owner: string, count = 1): Finding => ({
    ...stolen,
    subject: `/x[0] stolen from ${owner}`,
    count,
    data: { dropper: 'detach', owner },
  })
  const holders = [['detach', 0, 3]] as const
  const unpatched = ending(0, holders, stolenFrom('a'), stolenFrom('b'))
  const twice = ending(0, holders, stolenFrom('a', 2))
  expect(judge(twice, ending(0, holders, stolenFrom('c'), stolenFrom('d')))[2]?.status).toBe('kept')
  const statuses = (count: number) =>
    judge(unpatched, ending(0, holders, stolenFrom('c', count)))
      .map(({ status }) => status)
      .sort()
  expect(statuses(1)).toEqual(['fixed', 'kept', 'revealed'])
  expect(statuses(2)).toEqual(['kept', 'kept', 'revealed'])
})

describe('a leak that has the name of another function', () => {
  const statuses = (unpatched: ReturnType<typeof ending>, variant: ReturnType<typeof ending>) =>
    judge(unpatched, variant).map(({ subject, status, count }) => [status, subject, count])
  const finds = ['finder', 2, 0] as const
  const attaches = ['attach', 1, 0] as const
  const detaches = ['detach', 0, 1] as const

  it('is kept under its name on the unpatched kernel, with the count there', () => {
    expect(
      statuses(
        ending(2, [finds], held('finder', 2)),
        ending(2, [finds, attaches, detaches], held('attach'), held('finder')),
      ),
    ).toEqual([['kept', '/x[0] held by finder', 2]])
    expect(
      statuses(
        ending(2, [finds], held('finder', 2)),
        ending(2, [finds, attaches, detaches], held('attach', 2)),
      ),
    ).toEqual([['kept', '/x[0] held by finder', 2]])
  })

  it('is introduced if its function takes the reference after the put that mended the other leak', () => {
    const unpatched = ending(2, [finds], held('finder', 2))
    const [get] = positions(1, getsFrom)
    const [put] = positions(1, putsFrom)
    if (get === undefined || put === undefined) throw new RangeError()
    const handOvers = [{ taker: 'finder', dropper: 'detach', certain: true, get, put }]
    const attachedFrom = (seq: number): Ending => {
      const attach = { ...holderOf('attach', 1, 0), kept: positions(1, seq) }
      const run = ending(2, [finds, attach, detaches], held('attach'), held('finder'))
      return { ...run, lives: run.lives.map((one) => ({ ...one, handOvers })) }
    }
    const statusesFrom = (seq: number) => judge(unpatched, attachedFrom(seq)).map(({ status }) => status)
    expect(statusesFrom(getsFrom)).toEqual(['kept'])
    expect(statusesFrom(putsFrom + 1)).toEqual(['introduced', 'kept'])
  })

  it('is kept if a reference that was stolen from another function is no longer stolen', () => {
    const theft = { ...stolen, subject: '/x[0] stolen from device', masks: ['leak /x[0] held by device'] }
    expect(
      statuses(
        ending(1, [finds], held('finder', 1), theft),
        ending(2, [finds, attaches, detaches], held('attach'), held('device')),
      ),
    ).toEqual([
      ['revealed', '/x[0] held by device', 1],
      ['kept', '/x[0] held by finder', 1],
      ['fixed', '/x[0] stolen from device', 1],
    ])
  })

  describe('and that a theft masks on the unpatched kernel', () => {
    const theft: Finding = {
      ...stolen,
      subject: '/x[0] stolen from finder',
      data: { dropper: 'd', owner: 'finder' },
      masks: ['leak /x[0] held by finder'],
    }
    type Holding = Parameters<typeof ending>[1]
    const robbed = [
      ['finder', 1, 0],
      ['d', 0, 1, 0],
    ] as const
    const guessed = [['finder', 1, 0], attaches, detaches] as const
    const statusOf = (
      now: Holding = guessed,
      {
        before = robbed,
        left = 1,
        others = [],
        own = [],
      }: { before?: Holding; left?: number; others?: Finding[]; own?: Finding[] } = {},
    ) =>
      judge(ending(0, before, theft, ...others), ending(left, now, held('attach'), ...own)).find(
        ({ subject }) => subject === '/x[0] held by attach',
      )?.status

    it('is revealed', () => {
      expect(statusOf()).toBe('revealed')
    })

    it('is revealed if the counter also drops too low there, but no reference is missing or stolen here', () => {
      const others = [underflow('/x[0]')]
      expect(statusOf(guessed, { others, left: 3 })).toBe('revealed')
      expect(statusOf(guessed, { others, own: [underflow('/x[0]')] })).toBe('introduced')
      const other: Finding = { ...stolen, subject: '/x[0] stolen from attach' }
      expect(statusOf(guessed, { others, own: [other] })).toBe('introduced')
      const fewer = [['finder', 1, 1], attaches] as const
      expect(statusOf(fewer, { others })).toBe('introduced')
    })

    it('is introduced if more references are left than were stolen', () => {
      expect(statusOf([['finder', 1, 0], ['attach', 2, 0], detaches], { left: 2 })).toBe('introduced')
    })

    it('is introduced if the function that was robbed takes no reference, or drops it', () => {
      expect(statusOf([attaches])).toBe('introduced')
      expect(statusOf([['finder', 1, 1], attaches])).toBe('introduced')
    })

    it('is introduced if the function that was robbed drops a reference, or another one drops it', () => {
      const drops = [
        ['finder', 1, 1, 1],
        ['d', 0, 1, 0],
      ] as const
      expect(statusOf([['finder', 1, 1, 0], attaches], { before: drops })).toBe('introduced')
    })
  })

  it('is introduced if the function takes fewer references than on the unpatched kernel', () => {
    expect(
      statuses(
        ending(2, [['finder', 1, 0]], held('finder', 1)),
        ending(2, [['other', 1, 0]], held('other', 1)),
      ).map(([status]) => status),
    ).toEqual(['introduced', 'fixed'])
  })

  it('is introduced if more references are left than on the unpatched kernel', () => {
    const twice = ['attach', 2, 0] as const
    const introduced = ['introduced', '/x[0] held by attach', 2]
    expect(
      statuses(
        ending(2, [finds], held('finder', 2)),
        ending(3, [finds, twice, detaches], held('attach', 2), held('finder')),
      )[0],
    ).toEqual(introduced)
  })

  it('is introduced if one of the two references has an owner by convention: that is no guess', () => {
    const device = ['device', 1, 0, 0] as const
    const other = ['introduced', 'fixed']
    const verdictsOf = (before: Parameters<typeof ending>, now: Parameters<typeof ending>) =>
      statuses(ending(...before), ending(...now)).map(([status]) => status)
    expect(verdictsOf([1, [device], held('device')], [1, [device, attaches], held('attach')])).toEqual(other)
    expect(verdictsOf([1, [finds], held('finder')], [1, [finds, device], held('device')])).toEqual(other)
  })

  it('is introduced if the patches mend the leak of the other function', () => {
    const mended = ['finder', 2, 2] as const
    expect(
      statuses(ending(2, [finds], held('finder', 2)), ending(2, [mended, attaches], held('attach', 2))),
    ).toEqual([
      ['introduced', '/x[0] held by attach', 2],
      ['fixed', '/x[0] held by finder', 2],
    ])
  })
})

describe('every verdict', () => {
  const aFinding = fc
    .record({
      kind: fc.nat(3),
      subject: fc.constantFrom('/x[0]', '/y[0]', '/y[1]'),
      step: fc.nat(4),
      count: fc.integer({ min: 1, max: 3 }),
      masks: fc.boolean(),
    })
    .map(({ kind, subject, step, count, masks }): Finding => {
      const made =
        [
          leak(`${subject} held by f`, step),
          oops(subject, step),
          complaint(subject, step),
          underflow(subject),
        ][kind] ?? leak('', 0)
      return { ...made, step, count, ...(masks ? { masks: [`leak ${subject} held by f`] } : {}) }
    })
  const aPosition = fc.record({ seq: fc.nat(200), step: fc.nat(4) })
  const aLife = fc.record({
    object: fc.constantFrom('/x[0]', '/y[0]', '/y[1]'),
    functions: fc.subarray(['f', 'g']),
    holders: fc.uniqueArray(
      fc.record({
        by: fc.constantFrom('f', 'g', 'd'),
        taken: fc.nat(2),
        dropped: fc.nat(2),
        lost: fc.nat(1),
        kept: fc.array(aPosition, { maxLength: 2 }),
        surplusPuts: fc.array(aPosition, { maxLength: 2 }),
        droppedIn: fc.subarray(['f', 'g']),
      }),
      { selector: ({ by }) => by },
    ),
    handOvers: fc.array(
      fc.record({
        taker: fc.constant('f'),
        dropper: fc.constant('d'),
        certain: fc.boolean(),
        get: aPosition,
        put: aPosition,
      }),
      { maxLength: 1 },
    ),
    touches: fc.array(
      fc.record({ chain: fc.subarray(['f', 'g']), step: fc.nat(4), count: fc.integer({ min: 1, max: 2 }) }),
      {
        maxLength: 2,
      },
    ),
  })
  const aRun = fc.record({
    findings: fc.uniqueArray(aFinding, { selector: ({ oracle, subject }) => `${oracle} ${subject}` }),
    brokenOffIn: fc.option(fc.nat(4)),
    lives: fc.uniqueArray(aLife, { selector: ({ object }) => object }),
  })
  const patchFacts = fc.constantFrom(undefined, changing('f'), changing('z'))

  it('adds up: each finding of the two runs appears once, and a surplus is the difference', () => {
    fc.assert(
      fc.property(aRun, aRun, patchFacts, (unpatched, variant, known) => {
        const all = judge(unpatched, variant, known)
        const counts = tally(all)
        expect(unpatchedTotal(counts)).toBe(unpatched.findings.length)
        const hidden = all.filter(({ status, hiddenBy }) => status === 'kept' && hiddenBy !== undefined)
        const surplus = all.filter((one) => one.surplus === true)
        expect(variantTotal(counts)).toBe(variant.findings.length + hidden.length + surplus.length)
        // A finding that the variant shows is not also listed as hidden in the variant.
        const shown = new Set(variant.findings.map(({ oracle, subject }) => `${oracle} ${subject}`))
        for (const { oracle, subject } of hidden) expect(shown).not.toContain(`${oracle} ${subject}`)
        for (const one of variant.findings) {
          const parts = all.filter(
            ({ oracle, subject, status }) =>
              oracle === one.oracle &&
              subject === one.subject &&
              status !== 'fixed' &&
              status !== 'not-reached',
          )
          expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(one.count)
        }
      }),
      { seed: 14 },
    )
  })

  it('adds up if leaks have other names: each finding of the unpatched kernel appears once', () => {
    const holding = ['f', 'g', 'd'].map((by) => [by, 3, 0] as const)
    const leaks = fc
      .uniqueArray(fc.record({ by: fc.constantFrom('f', 'g', 'd'), count: fc.integer({ min: 1, max: 3 }) }), {
        selector: ({ by }) => by,
      })
      .map((holders) => ending(2, holding, ...holders.map(({ by, count }) => held(by, count))))
    fc.assert(
      fc.property(leaks, leaks, (unpatched, variant) => {
        const all = judge(unpatched, variant)
        const counts = tally(all)
        expect(unpatchedTotal(counts)).toBe(unpatched.findings.length)
        expect(new Set(all.map(({ subject, surplus }) => `${subject} ${String(surplus)}`)).size).toBe(
          all.length,
        )
        const left = (findings: readonly { count: number }[]) =>
          findings.reduce((n, { count }) => n + count, 0)
        const excess = left(variant.findings) - left(unpatched.findings)
        if (excess <= 0) expect(counts.introduced).toBe(0)
      }),
      { seed: 14 },
    )
  })

  it('calls no finding of a completed step not reached, and shows what hid a finding', () => {
    fc.assert(
      fc.property(aRun, aRun, patchFacts, (unpatched, variant, known) => {
        for (const { status, step, hiddenBy } of judge(unpatched, variant, known)) {
          if (status === 'not-reached') expect(step).toBeGreaterThanOrEqual(variant.brokenOffIn ?? Infinity)
          if (status === 'revealed' || status === 'not-reached') expect(hiddenBy).toBeDefined()
          if (status === 'introduced' || status === 'fixed') expect(hiddenBy).toBeUndefined()
        }
      }),
      { seed: 14 },
    )
  })

  it('keeps all findings if the unpatched kernel is compared with itself', () => {
    fc.assert(
      fc.property(aRun, patchFacts, (run, known) => {
        expect(
          judge(run, run, known).every(({ status, hiddenBy }) => status === 'kept' && hiddenBy === undefined),
        ).toBe(true)
      }),
      { seed: 14 },
    )
  })
})

describe('a finding that the patches renamed', () => {
  const changed = {
    changed: codeInFunctions(['f', 'helper']),
    unpatchedAnywhere: new Map<string, string>(),
    droppedIn: new Map(),
    writtenIn: new Map(),
  }
  const by = (...functions: readonly string[]) => functions.map((name) => ({ function: name }))
  const lost = (function_: string, count: number, ...functions: readonly string[]): Finding => ({
    oracle: 'memory-leak',
    kind: 'unreachable',
    subject: `property allocated by ${function_}`,
    step: 3,
    count,
    data: { struct: 'property', by: function_ },
    evidence: [{ kind: 'allocated', data: { object: 'property#1' }, chain: by(...functions) }],
  })
  const line = (text: string, ...functions: readonly string[]): Finding => ({
    oracle: 'console',
    kind: 'console-line',
    subject: text,
    step: 1,
    count: 1,
    data: { line: text, names: [] },
    evidence: [{ kind: 'console-line', data: { line: text }, chain: by(...functions) }],
  })
  const statuses = (before: Finding, now: Finding): string[] =>
    judge(examined([before]), examined([now]), changed).map(({ status }) => status)

  it('is kept: a message of unchanged code whose only difference is its line number in the source', () => {
    const at = (where: string) => line(`parse failed ${where}`, 'g', 'other')
    expect(statuses(at('at line 119'), at('at line 125'))).toEqual(['kept'])
    expect(statuses(at('at drivers/of/base.c:119'), at('at drivers/of/base.c:125'))).toEqual(['kept'])
    expect(statuses(at('for line 119'), at('for line 125'))).toEqual(['introduced', 'fixed'])
    expect(statuses(at('at line 119'), line('parse failed at line 125', 'h', 'other'))).toEqual([
      'introduced',
      'fixed',
    ])
  })

  it('is kept: memory allocated by a new helper, a reworded message', () => {
    expect(statuses(lost('f', 2, 'f', 'g'), lost('helper', 2, 'helper', 'f', 'g'))).toEqual(['kept'])
    expect(statuses(line('failed', 'f', 'g'), line('it failed', 'f', 'g'))).toEqual(['kept'])
  })

  it('shows its former name', () => {
    const [before, now] = [line('failed', 'f', 'g'), line('it failed', 'f', 'g')]
    expect(judge(examined([before]), examined([now]), changed)[0]?.unpatched).toEqual({
      state: 'differs',
      finding: before,
    })
  })

  it('is introduced if its count is higher, if it has another origin, or if no changed function prints it', () => {
    const other = ['introduced', 'fixed']
    expect(statuses(lost('f', 2, 'f', 'g'), lost('helper', 3, 'helper', 'f', 'g'))).toEqual(other)
    expect(statuses(lost('f', 2, 'f', 'g'), lost('helper', 2, 'helper', 'f', 'h'))).toEqual(other)
    expect(statuses(line('failed', 'f', 'g'), line('it failed', 'f', 'h'))).toEqual(other)
    expect(statuses(line('failed', 'g'), line('it failed', 'g'))).toEqual(other)
  })

  it('is introduced if it is unknown what was changed', () => {
    const judged = judge(examined([lost('f', 2, 'f')]), examined([lost('helper', 2, 'helper', 'f')]))
    expect(judged.map(({ status }) => status)).toEqual(['introduced', 'fixed'])
  })
})
