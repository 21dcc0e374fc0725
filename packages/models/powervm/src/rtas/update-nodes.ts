// SPDX-License-Identifier: GPL-2.0-only
import type { NodeNotice } from '../notice.ts'
import type { FirmwareState } from '../state.ts'
import { areaArgument, type RtasArgument, scopeArgument, WORK_AREA_SIZE } from './arguments.ts'
import { MORE, PARAMETER_ERROR, SUCCESS } from './status.ts'

/** Words 0 to 3 of the area are firmware's; the groups begin behind them. */
const GROUPS = 16

/** Words for groups, with one kept for the zero that ends them. */
const GROUP_WORDS = (WORK_AREA_SIZE - GROUPS) / 4 - 1

/**
 * `ibm,update-nodes`: (work area, scope) -> status. Lists what happened to nodes since the kernel last asked: groups of
 * entries with the same action, each behind a header of action and count, and a zero word. Word 0 of the area counts
 * the answers that were given with status 1 (more); the last answer clears it.
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

/** At least one answer; none with more entries than asked for, or than the area can hold with a header to each. */
function inAnswers(notices: readonly NodeNotice[], most: number): NodeNotice[][] {
  const answers: NodeNotice[][] = [[]]
  let words = 0
  for (const notice of notices) {
    const needed = 1 + notice.words.length
    const current = answers.at(-1)
    if (current !== undefined && current.length < most && words + needed <= GROUP_WORDS) {
      current.push(notice)
      words += needed
    } else {
      answers.push([notice])
      words = needed
    }
  }
  return answers
}

/** Neighbours of the same action as one group: the header, then the words of each. */
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
