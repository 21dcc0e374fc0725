// SPDX-License-Identifier: GPL-2.0-only
import type { Path } from '../path/path.ts'
import type { Edge } from '../explore/decisions.ts'
import type { Finding, FindingData, Origin, Rule, Severity } from './finding.ts'
import type { FindingSink, Reference } from './ledger.ts'

/** Rules whose findings are distinguished by the line where they appear. */
const keyedByPlace: ReadonlySet<Rule> = new Set<Rule>(['double-put', 'use-after-put', 'derived-use'])

/** Collects the findings on the paths of one function, one finding per key. */
export class Collector implements FindingSink {
  private readonly entry: string
  private readonly found = new Map<string, Finding>()
  private readonly onPath = new Set<string>()
  private edge: Edge | null = null

  constructor(entry: string) {
    this.entry = entry
  }

  /** Attributes all further findings to this edge. */
  at(edge: Edge): void {
    this.edge = edge
  }

  /** Starts a new path, so that a finding that the new path has too counts as one more path. */
  beginPath(): void {
    this.onPath.clear()
  }

  report(path: Path, rule: Rule, severity: Severity, reference: Reference, data: FindingData): void {
    const { origin } = reference
    const at = path.stepInSource(data.callee === undefined ? '' : `${data.callee}()`)
    const line = keyedByPlace.has(rule) ? path.context.source.line(at) : ''
    const faultKey = [
      rule,
      reference.class,
      identity(origin),
      keyedByPlace.has(rule) ? at.function : '',
      line,
      data.callee ?? '',
    ].join('|')
    // A question on one path must not hide an error on another path.
    const key = severity === 'error' ? faultKey : `${faultKey}|${severity}`
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
      faultKey,
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

  /** @param followed - number of explored paths of the function. */
  findings(followed: number): readonly Finding[] {
    return [...this.found.values()].map((finding) => ({ ...finding, ofPaths: followed }))
  }
}

/** An origin without source locations. */
function identity({ from, function: name, text, ordinal }: Origin): string {
  return [name, from, text, ...(ordinal === 0 ? [] : [`#${ordinal}`])].join(' ')
}
