// SPDX-License-Identifier: GPL-2.0-only
import type { Path } from '../path/path.ts'
import type { Edge } from '../explore/decisions.ts'
import type { Finding, FindingData, Origin, Rule, Severity } from './finding.ts'
import type { FindingSink, Reference } from './ledger.ts'

/** Rules whose findings are told apart by the line at which they show. */
const keyedByPlace: ReadonlySet<Rule> = new Set<Rule>(['double-put', 'use-after-put', 'derived-use'])

/** Gathers what is found on the paths of one function, one finding for each key. */
export class Collector implements FindingSink {
  private readonly entry: string
  private readonly found = new Map<string, Finding>()
  private readonly onPath = new Set<string>()
  private edge: Edge | null = null

  constructor(entry: string) {
    this.entry = entry
  }

  /** What is reported from now on belongs to this edge. */
  at(edge: Edge): void {
    this.edge = edge
  }

  /** A new path begins. */
  beginPath(): void {
    this.onPath.clear()
  }

  report(path: Path, rule: Rule, severity: Severity, reference: Reference, data: FindingData): void {
    const { origin } = reference
    const at = path.stepInSource(data.callee === undefined ? '' : `${data.callee}()`)
    const line = keyedByPlace.has(rule) ? path.context.source.line(at) : ''
    const fault = [
      rule,
      reference.class,
      identity(origin),
      keyedByPlace.has(rule) ? at.function : '',
      line,
      data.callee ?? '',
    ].join('|')
    // A path on which it is only a question says nothing about one on which it is an error.
    const key = severity === 'error' ? fault : `${fault}|${severity}`
    this.edge?.findings.add(key)
    const first = !this.onPath.has(key)
    this.onPath.add(key)
    const known = this.found.get(key)
    const paths = (known?.paths ?? 0) + (first ? 1 : 0)
    if (known !== undefined && path.steps.length >= known.path.length) {
      this.found.set(key, { ...known, paths })
      return
    }
    this.found.set(key, {
      key,
      fault,
      rule,
      severity,
      class: reference.class,
      origin,
      entry: this.entry,
      at,
      data,
      paths,
      ofPaths: 0,
      path: [...path.steps],
    })
  }

  /** @param followed - all paths of the function that were followed. */
  findings(followed: number): readonly Finding[] {
    return [...this.found.values()].map((finding) => ({ ...finding, ofPaths: followed }))
  }
}

/** An origin without places in the source. */
function identity({ from, function: name, text, ordinal }: Origin): string {
  return [name, from, text, ...(ordinal === 0 ? [] : [`#${ordinal}`])].join(' ')
}
