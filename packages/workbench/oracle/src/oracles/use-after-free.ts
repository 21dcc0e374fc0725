// SPDX-License-Identifier: GPL-2.0-only
import {
  callersOf,
  eventsOf,
  functionsOf,
  roleOf,
  type CallChain,
  type EventOf,
  type RunRecord,
} from '@pfo-workbench/run'
import { findBySubject } from '../events-by-subject.ts'
import type { Finding, Oracle } from '../finding.ts'
import { subjectsOf } from '../object-names.ts'

/** The innermost function that is not part of the allocator. */
function userOf({ facts }: RunRecord, chain: CallChain): string {
  return functionsOf(chain).find((name) => roleOf(facts, name) !== 'allocator') ?? '?'
}

/** Freed memory was read, written or freed again. */
export const useAfterFree: Oracle = {
  id: 'use-after-free',
  title: 'freed memory was read, written or freed again',
  examine(run) {
    const subjects = subjectsOf(run)
    const subjectOf = ({ struct, object, allocatedBy }: EventOf<'use-after-free' | 'double-free'>): string =>
      struct === 'bytes' ? `bytes allocated by ${userOf(run, allocatedBy)}` : subjects(object)
    return findBySubject(
      run,
      eventsOf(run, 'use-after-free', 'double-free'),
      subjectOf,
      (event) => {
        if (event.type === 'double-free') return { kind: 'freed-again', data: {} }
        const { access, struct, field } = event
        return { kind: 'touched', data: { access, struct, field } }
      },
      (occurrence, first): Finding => {
        const functions = {
          by: userOf(run, callersOf(run.facts, first.chain)),
          freedBy: userOf(run, first.freedBy),
        }
        const shared = { oracle: 'use-after-free', ...occurrence } as const
        return first.type === 'double-free'
          ? { ...shared, kind: 'freed-again', data: functions }
          : { ...shared, kind: 'touched-after-free', data: { access: first.access, ...functions } }
      },
    )
  },
}
