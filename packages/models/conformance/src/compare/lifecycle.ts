// SPDX-License-Identifier: GPL-2.0-only
import type { ReplayedLifeEvent } from '../facts.ts'
import { splitChain } from '../split-chain.ts'
import { chainsAgree, formatChain } from './chains.ts'
import { type Section, shownBy } from './section.ts'

const reuseLine = /^memory of \S+ is reused$/

interface LifecycleEntry {
  readonly text: string
  readonly chain: readonly string[]
}

/** Compares births, attaches, detaches, releases and frees, with their callers. */
export function compareLifecycle(
  recorded: readonly string[],
  replayed: readonly ReplayedLifeEvent[],
  section: Section,
): void {
  const counts = ({ text }: LifecycleEntry): boolean => section.ordering === 'order' || !reuseLine.test(text)
  section.events(
    'lifecycle',
    recorded.map(parseLine).filter(counts),
    replayed.map(fromCaller).filter(counts),
    shownBy(show, (a, b) => lifeEventsAgree(a, b, section)),
  )
}

function parseLine(line: string): LifecycleEntry {
  const at = line.indexOf(' by ')
  if (at < 0) return { text: line, chain: [] }
  return { text: line.slice(0, at), chain: splitChain(line.slice(at + ' by '.length)).chain }
}

/**
 * Drops `__of_attach_node` or `__of_detach_node` from the start of a chain. The models emit the event in this function;
 * the recordings show the chain from its caller.
 */
function fromCaller({ text, chain }: ReplayedLifeEvent): LifecycleEntry {
  const [innermost, ...callers] = chain
  const inHalf = innermost === '__of_attach_node' || innermost === '__of_detach_node'
  return { text, chain: inHalf ? callers : chain }
}

const parentField = / parent=\S+$/

/**
 * Compares two events. Ignores the parent if a worker ran concurrently: the node that now occupies the parent's memory
 * then depends on timing.
 */
function lifeEventsAgree(recorded: LifecycleEntry, replayed: LifecycleEntry, section: Section): boolean {
  const isSameText =
    recorded.text === replayed.text ||
    (section.ordering !== 'order' &&
      recorded.text.replace(parentField, '') === replayed.text.replace(parentField, ''))
  return isSameText && chainsAgree(recorded.chain, replayed.chain)
}

function show({ text, chain }: LifecycleEntry): string {
  return chain.length === 0 ? text : `${text} by ${formatChain(chain, 4)}`
}
