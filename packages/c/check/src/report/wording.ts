// SPDX-License-Identifier: GPL-2.0-only
import type { ContractTable } from '../contracts/table.ts'
import type { Finding, Origin, SourceLine } from '../findings/finding.ts'

/** A finding as one sentence, without its function and file. */
export function sentence(finding: Finding, contracts: ContractTable): string {
  const { rule, origin, data } = finding
  const title = contracts.class(finding.class)?.title ?? 'object'
  const object = `the ${title} from ${described(origin)}`
  const field = data.field ?? 'a field'
  switch (rule) {
    case 'leak':
      return `leak of ${object}${doubted(finding)}`
    case 'double-put':
      return `second put of ${object}${by(data.callee)}`
    case 'use-after-put':
      return data.callee === undefined
        ? `use of ${object} after its last put`
        : `${object} is passed to ${data.callee}() after its last put`
    case 'returned-unowned':
      return `${object} is returned after its last put`
    case 'put-of-argument':
      return `a reference of the caller is dropped: ${origin.from}`
    case 'put-of-owned-field':
      return `the reference in ${field}, which belongs to the structure, is dropped`
    case 'stored-unowned':
      return `a pointer to ${object} is left in ${field} after its last put`
    case 'drop-stored':
      return finding.severity === 'error'
        ? `a reference is dropped from ${field}, where this file stores pointers without one`
        : `a reference is dropped from ${field}; no function of this file stores one there`
    case 'never-dropped':
      return `the reference to ${object} is stored in ${field} and never dropped${data.callee === undefined ? '' : `, not even by ${data.callee}()`}`
    case 'derived-use':
      return `data of ${object} is used after its last put`
  }
}

/** The references taken and dropped on the shown path, on one line; null if they add nothing. */
export function balance({ rule, data }: Finding): string | null {
  const { taken = [], dropped = [] } = data
  if (taken.length === 0 && dropped.length === 0) return null
  const parts = [taken.length === 0 ? 'none taken here' : `${taken.length} taken at ${lines(taken)}`]
  if (dropped.length > 0) parts.push(`${dropped.length} dropped at ${lines(dropped)}`)
  else if (rule === 'leak') parts.push('never dropped, stored or returned')
  return parts.join('; ')
}

/** The origin of an object: the call as written, with its line. */
function described({ from, text, place }: Origin): string {
  const call = text === '' ? from : text.includes(`${from}(`) ? text : `${from}(), in ${text}`
  return place === null ? call : `${call} (line ${place.line})`
}

function by(callee: string | undefined): string {
  return callee === undefined ? '' : ` by ${callee}()`
}

function doubted({ data: { doubt } }: Finding): string {
  if (doubt === undefined) return ''
  switch (doubt.kind) {
    case 'kept-by':
      return `, unless ${doubt.function}() keeps it`
    case 'dropped-by':
      return `, unless ${doubt.function}() drops it`
    case 'dropped-from':
      return `, unless it is the one in ${doubt.field} that another function drops`
    case 'held-open':
      return ', unless another function drops it later'
  }
}

function lines(places: readonly SourceLine[]): string {
  return [...new Set(places.map(({ line }) => line))].join(', ')
}
