// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from '@pfo-workbench/oracle'
import type { ObjectLife } from '../play/examined-schema.ts'

/** Strips the generation from the name of a node or device. */
function withoutGeneration(object: string): string {
  return object.replace(/\[\d+\]$/, '')
}

/** The names that findings use for an object if its generation does not matter. */
function namesOf(object: string): string[] {
  const name = withoutGeneration(object).replace(/^device /, '')
  return [name, name.slice(name.lastIndexOf('/') + 1)]
}

const startsWithName = (text: string, name: string): boolean =>
  name !== '' && (text === name || text.startsWith(`${name} `) || text.startsWith(`${name}/`))

/** The single object that a finding is about; undefined if it is about none, or about all objects of a name. */
export function objectOfFinding(
  { subject, kind, data }: Finding,
  lives: readonly ObjectLife[],
): ObjectLife | undefined {
  const node = kind === 'node-detached' || kind === 'node-freed' ? data.node : null
  return lives.find(({ object }) => object === node || subject === object || subject.startsWith(`${object} `))
}

/** The objects that a finding is about: the object that it names, or all objects with the name that it uses. */
export function objectsOfFinding(finding: Finding, lives: readonly ObjectLife[]): ObjectLife[] {
  const one = objectOfFinding(finding, lives)
  if (one !== undefined) return [one]
  return lives.filter(({ object }) => namesOf(object).some((name) => startsWithName(finding.subject, name)))
}

/** The key of a finding that is the same in all scenarios: without the generation of nodes. */
export function keyWithoutGeneration({ oracle, kind, subject }: Finding): string {
  return `${oracle} ${kind} ${subject.replace(/\[\d+\]/g, '[]')}`
}
