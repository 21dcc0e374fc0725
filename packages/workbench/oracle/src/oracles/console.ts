// SPDX-License-Identifier: GPL-2.0-only
import { callersOf, eventsOf, passesThrough, type EventOf, type RunRecord } from '@pfo-workbench/run'
import { findBySubject } from '../events-by-subject.ts'
import type { Oracle } from '../finding.ts'
import { finalSnapshot } from '../snapshots.ts'

const KERN_ERR = 3

/** The first line of a report that is printed only at level warning. A `WARN` has its own event. */
const report = /^WARNING: (?!CPU: )/

/** Follow-up lines of a report: rulers, details, and lines of an Oops, which counts as one finding. */
const detail =
  /^[=\-\s]*$|^\s|^(Unable to handle|Faulting|LE SMP|BE SMP|Oops:|INFO: (Allocated|Freed)|FIX |in_atomic|"echo 0 >)/

/** An event that prints on the console. */
type ConsoleEvent = EventOf<'warn' | 'oops' | 'printk'>

/** The text of a console event, without parts that differ between runs. */
function lineOf(event: ConsoleEvent): string {
  if (event.type === 'warn') {
    const place = `WARNING at ${event.file} ${event.function}`
    return event.text === '' ? place : `${place}: ${event.text}`
  }
  if (event.type === 'oops') return `Oops in ${event.function}`
  return event.text
    .replace(/\b(pid: |PID: )\d+/g, '$1N')
    .replace(/\b([a-z][\w/-]*)([/:])\d+\b/g, '$1$2N')
    .replace(/\b([a-z_]+)#\d+/g, '$1')
}

function isComplaint(event: ConsoleEvent): boolean {
  if (event.type !== 'printk') return true
  return event.level <= KERN_ERR ? !detail.test(event.text) : report.test(event.text)
}

/**
 * True if the line reports a failed allocation of the printing task, or an RTAS call by the printing function that
 * firmware refused. Reporting that is correct.
 */
function saysWhatWasRefused(event: ConsoleEvent, run: RunRecord): boolean {
  if (event.type !== 'printk') return false
  const speaker = callersOf(run.facts, event.chain)[0]?.function ?? ''
  return run.events.some(
    (earlier) =>
      earlier.step === event.step &&
      earlier.task === event.task &&
      earlier.seq < event.seq &&
      (earlier.type === 'alloc.failed' ||
        (earlier.type === 'rtas.call' && earlier.status < 0 && passesThrough(earlier.chain, speaker))),
  )
}

/**
 * True for an error line that is not a finding, because it only reports that something was refused: a failed
 * allocation, or a call that firmware refused.
 */
export function isExcusedLine(event: EventOf<'printk'>, run: RunRecord): boolean {
  return isComplaint(event) && saysWhatWasRefused(event, run)
}

/** Names that a line may use for nodes and devices of the run, longest first. */
function namesIn(run: RunRecord): string[] {
  const { nodes, vio } = finalSnapshot(run)
  const names = [
    ...nodes.flatMap(({ path, sysfs }) => [path, path.slice(path.lastIndexOf('/') + 1), sysfs ?? '']),
    ...vio.map(({ device }) => device),
  ]
  return [...new Set(names)]
    .filter((name) => name !== '' && name !== '/')
    .toSorted((a, b) => b.length - a.length)
}

/** The kernel complained on the console: WARNING, BUG, Oops, or a line at level error. */
export const consoleOracle: Oracle = {
  id: 'console',
  title: 'the kernel complained: WARNING, BUG, Oops or an error line',
  examine(run) {
    const names = namesIn(run)
    return findBySubject(
      run,
      eventsOf(run, 'warn', 'oops', 'printk').filter(
        (event) => isComplaint(event) && !saysWhatWasRefused(event, run),
      ),
      lineOf,
      (event) => ({ kind: 'console-line', data: { line: lineOf(event) } }),
      (occurrence, first) => {
        const line = lineOf(first)
        return {
          oracle: 'console',
          kind: 'console-line',
          ...occurrence,
          data: { line, names: names.filter((name) => line.includes(name)) },
        }
      },
    )
  },
}
