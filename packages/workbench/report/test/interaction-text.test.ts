// SPDX-License-Identifier: GPL-2.0-only
import type { Interaction } from '@pfo-workbench/compare'
import { expect, it } from 'vitest'
import { interactionText } from '../src/wording/interaction-text.ts'

const finding = { oracle: 'lost-node', subject: 'x' }

const table: [Interaction, string][] = [
  [
    { variant: 'c+d', kind: 'combination', patches: ['c', 'd'], finding, scenarios: ['once', 'twice'] },
    'lost-node x arises in once and 1 more scenario only with c and d together; none of them has it alone',
  ],
  [
    { variant: 'c+d', kind: 'redundant', patches: ['c'], why: 'others-do-it', others: ['d'] },
    'without c the stack has the same findings: d already does the same',
  ],
  [
    { variant: 'c+d', kind: 'redundant', patches: ['c'], why: 'changes-nothing', others: ['d'] },
    'without c the stack has the same findings: c alone changes no finding either',
  ],
  [
    {
      variant: 'c',
      kind: 'masked',
      patches: ['c'],
      finding,
      scenario: 'once',
      mask: { oracle: 'refcount', subject: 's' },
    },
    'lost-node x is not fixed in once: refcount s hides it',
  ],
  [
    { variant: 'c', kind: 'returns', patches: ['c'], finding, goneIn: 'once', scenario: 'twice' },
    'lost-node x does not show in once, but shows in twice, which adds steps to once',
  ],
  [
    { variant: 'a+b', kind: 'order', patches: ['a', 'b'], becomes: 'conflict' },
    'b does not apply before a: conflict',
  ],
  [
    { variant: 'a+b', kind: 'order', patches: ['a', 'b'], becomes: 'other-findings' },
    'with b before a the stack has other findings',
  ],
  [
    { variant: 'a+b', kind: 'order', patches: ['a', 'b'], becomes: 'crashed' },
    'with b before a the stack has the status crashed',
  ],
]

it.each(table)('an interaction is described in one sentence: $kind', (interaction, sentence) => {
  expect(interactionText(interaction)).toBe(sentence)
})
