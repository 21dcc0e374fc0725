// SPDX-License-Identifier: GPL-2.0-only
import type { ReplayedStep } from '../facts.ts'
import type { RecordedOutcome } from '../line-schema.ts'
import type { RecordedStep } from '../recording.ts'
import { asText, type Section } from './section.ts'

const updateReturnedLine = /^pseries_devicetree_update\(\) returned (-?\d+)$/

/** Files read by "read back". */
const readBack: readonly string[] = ['status', 'ibm,max-sg-len']

/**
 * Compares how the step ended and the result of the kernel's update of the tree.
 *
 * @param lostNames - names of files that the recorded kernel freed in earlier steps
 */
export function compareOutcome(
  recorded: RecordedStep,
  replayed: ReplayedStep,
  lostNames: readonly string[],
  section: Section,
): void {
  const { outcome } = replayed
  if (recorded.action.kind === 'read-back' && readBack.some((name) => lostNames.includes(name))) {
    section.skip('lost-name')
  } else {
    const ended = outcome.kind === 'completed' ? `status ${outcome.rc}` : outcome.kind
    section.fact('outcome', '', showRecorded(recorded.outcome), ended)
  }
  const results = recorded.calls.flatMap((call) => updateReturnedLine.exec(call)?.[1] ?? [])
  if (results.length > 0 || replayed.updateResult !== null) {
    section.fact('outcome', 'tree update', results.join() || '-', String(replayed.updateResult ?? '-'))
  }
}

/** Compares the results of the entries of firmware's node list, in order. */
export function compareCalls(recorded: RecordedStep, replayed: ReplayedStep, section: Section): void {
  const calls = recorded.calls.filter((call) => !updateReturnedLine.test(call))
  section.events('calls', calls, replayed.calls, asText)
}

/** Compares only whether the step returned. Whether it hung or was killed by an Oops differs from run to run. */
export function compareWhetherReturned(
  recorded: RecordedStep,
  replayed: ReplayedStep,
  section: Section,
): void {
  const word = (cameBack: boolean): string => (cameBack ? 'came back' : 'did not return')
  const [a, b] = [typeof recorded.outcome === 'number', replayed.outcome.kind === 'completed']
  section.fact('outcome', '', word(a), word(b))
}

/** If the machine stopped in a step, the step counts as hung. */
function showRecorded(outcome: RecordedOutcome): string {
  if (typeof outcome === 'number') return `status ${outcome}`
  return outcome === 'stopped' ? 'hung' : outcome
}
