// SPDX-License-Identifier: GPL-2.0-only
import type { ReplayedReference } from '../facts.ts'
import type { RecordedReference } from '../line-schema.ts'
import { chainsAgree, comparableChain, formatChain } from './chains.ts'
import type { Section } from './section.ts'

/** Compares references taken and dropped: node, counter before and after, remark and callers. */
export function compareReferences(
  recorded: readonly RecordedReference[],
  replayed: readonly ReplayedReference[],
  section: Section,
): void {
  const longest = Math.max(1, ...recorded.map(({ by }) => comparableChain(by).length))
  section.events('references', recorded, replayed, {
    agree: (a, b) => isSameEvent(a, b) && a.before === b.before && a.after === afterwards(b),
    agreeAtAnotherMoment: isSameEvent,
    showRecorded: (ref) => show(ref, ref.after, formatChain(ref.by)),
    showReplayed: (ref) => show(ref, afterwards(ref), formatChain(ref.chain, longest)),
  })
}

/** Compares everything except the counters. */
function isSameEvent(a: RecordedReference, b: ReplayedReference): boolean {
  return a.op === b.op && a.node === b.node && a.remark === b.remark && chainsAgree(a.by, b.chain)
}

function show({ op, node, before, remark }: ShownReference, after: number, chain: string): string {
  return `${op} ${node} ${before}->${after} by ${chain}${remark === '' ? '' : ` (${remark})`}`
}

type ShownReference = Pick<ReplayedReference, 'op' | 'node' | 'before' | 'remark'>

/** Value of a `refcount_t` after its first misuse, since v5.5. */
const REFCOUNT_SATURATED = -0x40000000

/** The counter afterwards, as the observer computes it: one more or one less, even if the counter refused to change. */
function afterwards({ op, before, after }: ReplayedReference): number {
  if (after !== before && after !== REFCOUNT_SATURATED) return after
  return op === 'get' ? before + 1 : before - 1
}

const bootReference = /^pfofw: ref (get|put) (\S+) (-?\d+)->(-?\d+) by (.*?)(?: \((.*)\))?$/
const bootLine = /^pfofw: /

/** Splits the observer's boot lines into references and other lines. */
export function splitBoot(lines: readonly string[]): { refs: RecordedReference[]; lifecycle: string[] } {
  const refs: RecordedReference[] = []
  const lifecycle: string[] = []
  for (const line of lines) {
    const match = bootReference.exec(line)
    if (match === null) {
      lifecycle.push(line.replace(bootLine, ''))
      continue
    }
    const [, op, node = '', before, after, chain = '', remark = ''] = match
    refs.push({
      op: op === 'get' ? 'get' : 'put',
      node,
      before: Number(before),
      after: Number(after),
      by: chain.split(' < '),
      remark,
    })
  }
  return { refs, lifecycle }
}
