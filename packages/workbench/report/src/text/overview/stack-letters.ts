// SPDX-License-Identifier: GPL-2.0-only
import type { Recommendation } from '../../recommend/recommend.ts'
import { wrapped } from '../lines.ts'

/** Assigns letters to stacks whose ids are too long for their column. */
export function lettersFor(all: readonly Recommendation[], columns: number): ReadonlyMap<string, string> {
  const long = all.filter(({ variant: { id, patches } }) => patches.length > 1 && id.length > columns)
  return new Map(long.map(({ variant }, index) => [variant.id, letter(index)]))
}

/** A, B, ... Z, AA, AB, ... */
function letter(index: number): string {
  const rest = Math.floor(index / 26)
  return (rest === 0 ? '' : letter(rest - 1)) + String.fromCharCode(65 + (index % 26))
}

/** Spells a stack: by its difference from another stack if they differ in one patch, otherwise by its patches. */
export function stackText(
  patches: readonly string[],
  others: readonly (readonly [string, readonly string[]])[],
): string {
  for (const [name, other] of others) {
    const [gone, come] = [
      other.filter((id) => !patches.includes(id)),
      patches.filter((id) => !other.includes(id)),
    ]
    if (gone.length === 1 && come.length === 1) return `${name} with ${come.join('')} for ${gone.join('')}`
    if (gone.length === 0 && come.length === 1) return `${name} and ${come.join('')}`
    if (gone.length === 1 && come.length === 0) return `${name} without ${gone.join('')}`
  }
  return patches.join(' ')
}

/** Explains the letters that the shown rows use. */
export function legendLines(
  all: readonly Recommendation[],
  letters: ReadonlyMap<string, string>,
  shown: readonly { readonly names: string }[],
  columns: number,
): string[] {
  const used = new Set(shown.flatMap(({ names }) => names.split(', ')))
  const known: (readonly [string, readonly string[]])[] = []
  return all.flatMap(({ variant: { id, patches } }) => {
    const short = letters.get(id)
    if (short === undefined || !used.has(short)) return []
    const lines = wrapped(`${short} = `, stackText(patches, known), columns).split('\n')
    known.push([short, patches])
    return lines
  })
}
