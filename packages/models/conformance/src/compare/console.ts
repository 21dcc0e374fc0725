// SPDX-License-Identifier: GPL-2.0-only
import type { ReplayedStep } from '../facts.ts'
import type { RecordedStep } from '../recording.ts'
import { asText, type Section, shownBy } from './section.ts'
import { hungTaskLine, normalizeText } from './text.ts'

/**
 * Lines that the recorder kept, as far as its recordings show, and all other kernel complaints. If a line of the replay
 * matches, it must be in the recording.
 */
const worthALook =
  /WARNING|BUG|Oops|ERROR|Unable to handle|refcount_t|nx842|nx_probe|failed|Duplicate|duplicate|^vio: |vio_register_device_node|ignoring|Removing IBM|Could not|Unexpected|bogus|not recognized|blocked for/

/**
 * A function name alone is a frame of a trace; `(lock), at: function` belongs to a list of locks; a path is output of
 * the shell.
 */
const traceLine =
  /^\s*[\w.]+( \[\w+\])?$|^( #\d+: |\(____ptrval____\) |<addr> )*\(.*\)(\{....\}(-\{\d:\d\})?)?, at: |^\/sys\/|hung_task_timeout_secs/
const recorderLine = /^@HUNG |^machine stopped /
const freedReadLine =
  /^pfofw: of_find_node_by_phandle\(\S+\) dereferences .* = FREED node (\S+): phandle read there (\S+)$/
/** Complaints that are compared as reports, or whose text comes from freed memory. */
const elsewhereLine = /^kernfs: can not remove /

/** Compares the notable console lines. */
export function compareConsole(recorded: RecordedStep, replayed: ReplayedStep, section: Section): void {
  const lines = recorded.events.filter((line) => {
    if (freedReadLine.test(line) || elsewhereLine.test(line)) return false
    if (recorderLine.test(line)) {
      section.skip('recorder-lines')
      return false
    }
    const isTrace = traceLine.test(line)
    if (isTrace) section.skip('trace-lines')
    return !isTrace
  })
  const hungTaskSpoke = lines.some((line) => hungTaskLine.test(line))
  const replayedLines = replayed.console.filter((line) => {
    if (elsewhereLine.test(line)) return false
    if (!worthALook.test(line) || traceLine.test(line)) {
      section.skip('quiet-lines')
      return false
    }
    const isLate = !hungTaskSpoke && hungTaskLine.test(line)
    if (isLate) section.skip('hung-task')
    return !isLate
  })
  section.skip('run-numbers', lines.filter((line) => normalizeText(line) !== line).length)
  section.events('console', lines.map(normalizeText), replayedLines.map(normalizeText), asText)
}

interface FreedRead {
  readonly node: string
  readonly value: string
}

/** Compares lookups that read the phandle of a freed node. The observer detected and printed these reads itself. */
export function compareFreedReads(recorded: RecordedStep, replayed: ReplayedStep, section: Section): void {
  const reads = recorded.events.flatMap((line): FreedRead[] => {
    const [, node, value] = freedReadLine.exec(line) ?? []
    return node === undefined || value === undefined ? [] : [{ node, value }]
  })
  const show = ({ node, value }: FreedRead): string => `handle of freed ${node} read: ${value}`
  section.events('reports', reads, replayed.freedReads, shownBy(show))
}
