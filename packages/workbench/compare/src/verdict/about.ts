// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from '@pfo-workbench/oracle'
import type { ObjectLife } from '../play/object-life.ts'

/** The name of a node or a device without which of its name it is. */
function withoutGeneration(object: string): string {
  return object.replace(/\[\d+\]$/, '')
}

/** The names under which findings speak of an object whose generation does not matter to them. */
function namesOf(object: string): string[] {
  const name = withoutGeneration(object).replace(/^device /, '')
  return [name, name.slice(name.lastIndexOf('/') + 1)]
}

const startsWithName = (text: string, name: string): boolean =>
  name !== '' && (text === name || text.startsWith(`${name} `) || text.startsWith(`${name}/`))

/** The one object that a finding is about; undefined if it is about none, or about whatever has a name. */
export function objectOfFinding(
  { subject, kind, data }: Finding,
  lives: readonly ObjectLife[],
): ObjectLife | undefined {
  const node = kind === 'node-detached' || kind === 'node-freed' ? data.node : null
  return lives.find(({ object }) => object === node || subject === object || subject.startsWith(`${object} `))
}

/** The objects that a finding is about: the one that it names, or those of the name that it names. */
export function objectsOfFinding(finding: Finding, lives: readonly ObjectLife[]): ObjectLife[] {
  const one = objectOfFinding(finding, lives)
  if (one !== undefined) return [one]
  return lives.filter(({ object }) => namesOf(object).some((name) => startsWithName(finding.subject, name)))
}

/** What a finding is called in every scenario: its key without which of several nodes of one path it is. */
export function timelessKey({ oracle, kind, subject }: Finding): string {
  return `${oracle} ${kind} ${subject.replace(/\[\d+\]/g, '[]')}`
}
