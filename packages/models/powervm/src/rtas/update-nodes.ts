// SPDX-License-Identifier: GPL-2.0-only
import type { NodeNotice } from '../node-notice.ts'
import type { FirmwareState } from '../state.ts'
import { areaArgument, type RtasArgument, scopeArgument, WORK_AREA_SIZE } from './arguments.ts'
import { MORE, PARAMETER_ERROR, SUCCESS } from './status.ts'

/** Words 0 to 3 of the area are reserved for firmware; the groups follow. */
const GROUPS = 16

/** Number of words for groups; one word is reserved for the terminating zero. */
const GROUP_WORDS = (WORK_AREA_SIZE - GROUPS) / 4 - 1

/**
 * `ibm,update-nodes`: (work area, scope) -> status. Lists the pending node changes as groups of entries with the same
 * action. Each group has a header with action and count; a zero word ends the list. Word 0 of the area counts the
 * answers with status 1 (more); the last answer resets it.
 */
export function updateNodes(state: FirmwareState, args: readonly RtasArgument[]): readonly number[] {
  const area = areaArgument(args[0])
  const scope = scopeArgument(args[1])
  if (area === undefined || scope === undefined) return [PARAMETER_ERROR]
  const notices = state.nodeNotices.filter((notice) => notice.scope === scope)
  const answers = inAnswers(notices, state.behaviour.nodesPerCall ?? Infinity)
  const step = area.view.getUint32(0)
  const answer = answers[step]
  if (answer === undefined) return [PARAMETER_ERROR]
  area.bytes.fill(0, GROUPS)
  let at = GROUPS
  for (const group of inGroups(answer)) {
    for (const word of group) {
      area.view.setUint32(at, word)
      at += 4
    }
  }
  const last = step === answers.length - 1
  area.view.setUint32(0, last ? 0 : step + 1)
  if (last) state.nodeNotices = state.nodeNotices.filter((notice) => notice.scope !== scope)
  return [last ? SUCCESS : MORE]
}

/**
 * Splits the entries into answers, at least one. Each has at most `maxEntries` entries, and fits the area even if each
 * entry needs a header.
 */
function inAnswers(notices: readonly NodeNotice[], maxEntries: number): NodeNotice[][] {
  const answers: NodeNotice[][] = [[]]
  let words = 0
  for (const notice of notices) {
    const needed = 1 + notice.words.length
    const current = answers.at(-1)
    if (current !== undefined && current.length < maxEntries && words + needed <= GROUP_WORDS) {
      current.push(notice)
      words += needed
    } else {
      answers.push([notice])
      words = needed
    }
  }
  return answers
}

/** Joins consecutive entries of the same action into groups: the header, then the words of each entry. */
function inGroups(notices: readonly NodeNotice[]): number[][] {
  const groups: number[][] = []
  let previous: number | undefined
  for (const { action, words } of notices) {
    const group = groups.at(-1)
    if (group !== undefined && previous === action) {
      group[0] = (group[0] ?? 0) + 1
      group.push(...words)
    } else {
      groups.push([action * 0x1000000 + 1, ...words])
    }
    previous = action
  }
  return groups
}
