// SPDX-License-Identifier: GPL-2.0-only
import type { Cell, Comparison, JudgedFinding, VariantSummary } from '@pfo-workbench/compare'
import type { Evidence } from '@pfo-workbench/oracle'
import { linuxFacts } from '@pfo-workbench/run'
import type { PlayedStep, RunRecord } from '@pfo-workbench/run'
import { chainOf } from '@pfo-workbench/run/testing'

export { chainOf }

/** The boot, and a migration. */
export const playedSteps: readonly PlayedStep[] = [
  { index: 0, step: null, result: { kind: 'boot', outcome: 'completed' }, failure: null },
  {
    index: 1,
    step: { migrate: { readd: 'per-node' } },
    result: { kind: 'migrate', errno: 0 },
    failure: null,
  },
]

type Leak = Extract<JudgedFinding, { readonly kind: 'reference-held' }>

export const finding = (state: Partial<Leak> = {}): Leak => ({
  oracle: 'leak',
  kind: 'reference-held',
  subject: '/x[0]',
  step: 1,
  count: 2,
  data: { state: 'detached', holder: 'f', references: 2 },
  evidence: [{ kind: 'taken', data: { holder: 'f' }, chain: chainOf('f < h < vfs_write'), seq: 7 }],
  status: 'kept',
  ...state,
})

type Death = Extract<JudgedFinding, { readonly kind: 'task-killed' }>

/** A finding with this text. */
export const saying = (reason: string, state: Partial<Death> = {}): Death => ({
  oracle: 'oops',
  kind: 'task-killed',
  subject: '/x[0]',
  step: 1,
  count: 1,
  data: { reason, held: [] },
  evidence: [],
  status: 'kept',
  ...state,
})

/** Evidence with this text. */
export const proof = (line: string, functions: string): Evidence => ({
  kind: 'console-line',
  data: { line },
  chain: chainOf(functions),
})

export const cell = (variant: string, scenario: string, state: Partial<Cell> = {}): Cell => ({
  variant,
  scenario,
  outcome: 'completed',
  assumed: [],
  findings: [],
  changes: [],
  console: [],
  steps: [],
  story: null,
  ...state,
})

export const variant = (id: string, state: Partial<VariantSummary> = {}): VariantSummary => ({
  id,
  title: `Does ${id}`,
  patches: [id],
  diffs: [],
  status: 'ok',
  exercised: true,
  exercise: [{ file: 'of.ts', line: 3, statement: 'put(node)', scenarios: ['once'] }],
  exerciseUnknown: [],
  fixed: 0,
  kept: 0,
  introduced: 0,
  revealed: 0,
  notReached: 0,
  changes: 0,
  rank: 1,
  ...state,
})

/** The unpatched kernel leaks in both scenarios. `good` fixes the leak in the second one; `bad` does not apply. */
export const comparison: Comparison = {
  kernel: 'v4.18',
  engine: 'models',
  origin: 'abc',
  oracles: [
    { id: 'oops', title: 'a task died' },
    { id: 'leak', title: 'a node is still referenced' },
  ],
  baseline: 'baseline',
  variants: [
    variant('baseline', { patches: [], kept: 2 }),
    variant('good', { fixed: 1, kept: 1, introduced: 1, rank: 3 }),
    variant('bad', {
      status: 'conflict',
      reason: 'of.ts: hunk 1 of 1\ndoes not apply',
      exercised: false,
      exercise: [],
    }),
    variant('idle', {
      kept: 2,
      exercised: false,
      exercise: [{ file: 'of.ts', line: 3, statement: 'put(node)', scenarios: [] }],
      rank: 2,
    }),
  ],
  scenarios: [
    { id: 'once', title: 'One migration' },
    { id: 'twice', title: 'Two migrations' },
  ],
  cells: [
    cell('baseline', 'once', { findings: [finding()] }),
    cell('baseline', 'twice', { outcome: 'oops', findings: [finding()], console: ['Oops: 1'] }),
    cell('good', 'once', { findings: [finding()] }),
    cell('good', 'twice', {
      console: ['Oops: 7'],
      findings: [saying('it died', { subject: 'f', status: 'introduced' }), finding({ status: 'fixed' })],
    }),
    cell('idle', 'once', { findings: [finding()] }),
    cell('idle', 'twice', { findings: [finding()] }),
  ],
  interactions: [],
}

/** Control and format characters, except line feeds. */
export const control = /(?!\n)[\p{Cc}\p{Cf}]/u

/** Start and end of our own colours. */
export const colour = /\u001b\[\d+m/g

/** Text that must not reach a terminal: a window title, a colour, overwriting characters, right-to-left text. */
export const hostile = '\u001b]0;title\u0007\u001b[32m\r\u0008\u009b31m\u202e'

export const run: RunRecord = {
  scenario: 'once',
  facts: linuxFacts,
  outcome: 'completed',
  unmodelled: null,
  assumed: [],
  steps: playedSteps.map((step) => ({
    ...step,
    changes: [],
    after: { nodes: [], phandleCache: [], vio: [], firmware: [] },
  })),
  events: [
    {
      type: 'ref.get',
      seq: 0,
      step: 0,
      task: 'swapper/1',
      chain: chainOf('of_node_get < f'),
      object: 'a#1',
      before: 1,
      after: 2,
    },
    {
      type: 'use-after-free',
      seq: 1,
      step: 1,
      task: 'init/8',
      chain: [],
      object: 'a#1',
      struct: 'device_node',
      field: 'name',
      access: 'read',
      allocatedBy: chainOf('kzalloc < f'),
      freedBy: chainOf('kfree < g'),
    },
  ],
  console: ['a line'],
}

/** The comparison with an interaction between the patches of a stack. */
export const interacting: Comparison = Object.assign({}, comparison, {
  interactions: [
    {
      variant: 'good',
      kind: 'combination',
      patches: ['good', 'idle'],
      finding: { oracle: 'oops', subject: 'f' },
      scenarios: ['once'],
    },
  ],
})

/** A comparison with too many variants and scenarios for one table, with long names and many findings. */
export const manyVariants: Comparison = (() => {
  const ids = Array.from(
    { length: 24 },
    (_, n) => `a-patch-with-a-long-name-${String(n)}+another-${'x'.repeat(n * 5)}`,
  )
  const scenarios = Array.from({ length: 20 }, (_, n) => ({
    id: `a-long-scenario-${String(n)}`,
    title: 'It goes on '.repeat(9),
  }))
  const findings = [
    finding({
      data: { state: 'detached', holder: 'word '.repeat(40), references: 2 },
      subject: `/${'y'.repeat(120)}`,
    }),
    saying('word '.repeat(30), { status: 'introduced' }),
  ]
  return {
    ...comparison,
    variants: [
      ...comparison.variants,
      ...ids.map((id) => variant(id)),
      variant('no-patch', { reason: 'why '.repeat(40), status: 'invalid' }),
    ],
    scenarios,
    cells: ['baseline', ...ids].flatMap((id) => scenarios.map((one) => cell(id, one.id, { findings }))),
  }
})()
