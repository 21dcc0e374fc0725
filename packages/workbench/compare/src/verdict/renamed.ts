// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from '@pfo-workbench/oracle'
import type { ChangedCode } from './changed-code.ts'

/** The distinct call chains of a finding, without the given functions. */
function chainsOf({ evidence }: Finding, leftOut: ReadonlySet<string>): string {
  const chains = evidence.map(({ chain }) =>
    chain
      .map((frame) => frame.function)
      .filter((name) => !leftOut.has(name))
      .join(' < '),
  )
  return [...new Set(chains)].sort().join('\n')
}

const nothing: ReadonlySet<string> = new Set()

/** A message without the line numbers of the source: a patch moves the lines below it. */
const withoutLineNumbers = (text: string): string => text.replace(/(\bat line |\w\.[chS]:)\d+/g, '$1N')

/**
 * Returns the identity of a finding apart from names that the patches may have changed. A leaked reference or lost
 * memory is the same if its call chains agree apart from changed functions. A console line is the same if the same call
 * printed it, about the same nodes and devices. If its printer is unchanged, the texts must also agree, apart from line
 * numbers of the source.
 *
 * @returns null for other kinds, and for findings without evidence or with an unknown call chain
 */
function essenceOf(finding: Finding, changed: ReadonlySet<string>): string | null {
  const { kind, subject, step, data, evidence } = finding
  if (evidence.length === 0 || evidence.some(({ chain }) => chain.length === 0)) return null
  switch (kind) {
    case 'reference-held': {
      const object = subject.slice(0, subject.indexOf(' held by '))
      return JSON.stringify([kind, step, object, data.state, chainsOf(finding, changed)])
    }
    case 'unreachable':
      return JSON.stringify([kind, step, data.struct, chainsOf(finding, changed)])
    case 'console-line':
      return JSON.stringify([
        kind,
        step,
        data.names,
        chainsOf(finding, nothing),
        evidence.every(({ chain: [printer] }) => printer !== undefined && changed.has(printer.function))
          ? null
          : withoutLineNumbers(data.line),
      ])
    default:
      return null
  }
}

/**
 * Pairs renamed findings with those of the unpatched kernel: the patches moved code into another function or reworded a
 * message. The variant's count must not be higher. Empty if the changed functions are unknown.
 *
 * @param gone - findings that only the unpatched kernel shows
 * @param fresh - findings that only the variant shows
 * @returns findings of the variant, each with the equal one of the unpatched kernel
 */
export function renamedFindings(
  gone: readonly Finding[],
  fresh: readonly Finding[],
  { functions }: ChangedCode,
): ReadonlyMap<Finding, Finding> {
  if (functions === null) return new Map()
  const open = new Map(gone.map((finding) => [finding, essenceOf(finding, functions)]))
  const pairs = new Map<Finding, Finding>()
  for (const now of fresh) {
    const essence = essenceOf(now, functions)
    if (essence === null) continue
    const [before] = [...open].find(([one, other]) => now.count <= one.count && other === essence) ?? []
    if (before === undefined) continue
    pairs.set(now, before)
    open.delete(before)
  }
  return pairs
}
