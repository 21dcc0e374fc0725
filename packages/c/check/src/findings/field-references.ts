// SPDX-License-Identifier: GPL-2.0-only
import type { IrModule } from '@pfo-workbench/ir'
import type { ContractTable } from '../contracts/table.ts'
import { findRemoveFunction, isStructDefinedIn } from '../explore/file-facts.ts'
import type { FieldUse } from './at-return.ts'
import type { Finding } from './finding.ts'

/** Effects of the functions of a file on fields, by function. */
export type FieldUses = ReadonlyMap<string, readonly FieldUse[]>

/** Fields in which functions store or drop references. */
export function fieldsHoldingReferences(uses: Iterable<readonly FieldUse[]>): ReadonlySet<string> {
  const fields = new Set<string>()
  for (const list of uses)
    for (const { field, kind } of list) if (kind !== 'stores-unowned') fields.add(field)
  return fields
}

/** Fields from which one of the given functions drops the reference, each with one such function. */
export function fieldsWithDrops(
  uses: Iterable<readonly [string, readonly FieldUse[]]>,
): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const [name, list] of uses)
    for (const { field, kind } of list) if (kind === 'drops') fields.set(field, name)
  return fields
}

/** By class, a field from which the file drops a reference that none of its functions stores or takes there. */
function orphanedDrops(
  uses: FieldUses,
  kinds: ReadonlyMap<string, ReadonlySet<FieldUse['kind']>>,
): ReadonlyMap<string, string> {
  const orphans = new Map<string, string>()
  for (const list of uses.values()) {
    for (const { field, kind, class: name } of list) {
      const known = kinds.get(field)
      const isPaired = known?.has('stores') === true || known?.has('takes') === true
      if (kind === 'drops' && name !== undefined && !isPaired) orphans.set(name, field)
    }
  }
  return orphans
}

/**
 * Judges fields by all functions of the file together.
 *
 * - One function drops a reference from a field, and another stores one there or takes one on its object: a pair, no
 *   finding.
 * - One function drops a reference from a field, and others store only pointers without a reference there: an error,
 *   unless the class is held open.
 * - `leak`: no finding if a function of the file drops the reference from the field through which the object was
 *   reached; a question if the doubt `dropped-from` applies.
 * - `never-dropped`: no function of the file drops a stored reference, although one of these holds: the field belongs
 *   to a structure of this file or is a variable, and the file has a function that removes its user; the contract of
 *   the field says that only the storer drops it; the other version of a patched function drops it.
 *
 * @param fields - fields for which `never-dropped` may be reported.
 * @param dropped - fields whose reference a changed function drops in the other version, each with that function.
 */
export function judgeFieldReferences(
  module: IrModule,
  contracts: ContractTable,
  file: string,
  findings: readonly Finding[],
  uses: FieldUses,
  fields: ReadonlySet<string>,
  dropped: ReadonlyMap<string, string> = new Map(),
): readonly Finding[] {
  const kinds = new Map<string, Set<FieldUse['kind']>>()
  for (const list of uses.values()) {
    for (const { field, kind } of list) {
      let known = kinds.get(field)
      if (known === undefined) kinds.set(field, (known = new Set()))
      known.add(kind)
    }
  }
  const orphans = orphanedDrops(uses, kinds)
  const judged = findings.flatMap((finding) => {
    const { field, mayBeKept, doubt } = finding.data
    const known = kinds.get(field ?? '')
    if (finding.rule === 'leak') {
      if (known?.has('drops') === true) return []
      const orphan = orphans.get(finding.class)
      if (mayBeKept !== true || doubt !== undefined || orphan === undefined) return [finding]
      const data = { ...finding.data, doubt: { kind: 'dropped-from' as const, field: orphan } }
      return [{ ...finding, severity: 'question' as const, data }]
    }
    if (field === undefined) return [finding]
    if (finding.rule !== 'drop-stored' && finding.rule !== 'put-of-owned-field') return [finding]
    if (known?.has('stores') === true || known?.has('takes') === true) return []
    if (finding.rule === 'put-of-owned-field') return [finding]
    const isHeldOpen = contracts.class(finding.class)?.heldOpen === true
    return known?.has('stores-unowned') === true && !isHeldOpen
      ? [{ ...finding, severity: 'error' as const }]
      : [finding]
  })
  const ending = findRemoveFunction(module)
  const told = new Set<string>()
  for (const [entry, list] of uses) {
    for (const { field, kind, stored } of list) {
      if (kind !== 'stores' || stored === null || told.has(field) || !fields.has(field)) continue
      if (kinds.get(field)?.has('drops') === true) continue
      if (contracts.droppersOf(field).some((name) => module.functions.has(name))) continue
      const isLent = contracts.droppedBy(field) === 'storer'
      const dropper = dropped.get(field) ?? ending
      if (!isLent && dropper === null) continue
      const isOfFile = stored.inVariable || isStructDefinedIn(module, field, file)
      if (!isLent && !isOfFile && !dropped.has(field)) continue
      told.add(field)
      judged.push({
        key: `never-dropped|${stored.class}|${field}`,
        faultKey: `never-dropped|${stored.class}|${field}`,
        rule: 'never-dropped',
        severity: 'error',
        class: stored.class,
        origin: stored.origin,
        entry,
        at: stored.at,
        data: dropper === null ? { field } : { field, callee: dropper },
        paths: 1,
        ofPaths: 1,
        path: [],
      })
    }
  }
  return judged
}
