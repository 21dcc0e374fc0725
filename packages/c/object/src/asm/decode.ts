// SPDX-License-Identifier: GPL-2.0-only
import type { AsmInstruction } from './instruction.ts'

/** Instructions, by their opcode bits, that kernels encode as numbers because old assemblers do not support them. */
const words = new Map<number, string>([
  [0x7c000028, 'lwarx'],
  [0x7c0000a8, 'ldarx'],
  [0x7c000068, 'lbarx'],
  [0x7c0000e8, 'lharx'],
])

/**
 * Decodes `.long 0x7c0000a8 | ((($0) & 0x1f) << 21) | ...`, an instruction whose operands are encoded in a word. Any
 * other directive is returned unchanged, as an unknown instruction: data in the text must not be skipped.
 */
export function decodeWord(text: string): AsmInstruction {
  const unknown = { mnemonic: text, operands: [], text }
  const match = /^\.(?:long|4byte)\s+(.*)$/.exec(text)
  if (match === null) return unknown
  let word: number | null = null
  const fields = new Map<number, string>()
  for (const part of (match[1] ?? '').split('|')) {
    const term = part.replace(/[()\s]/g, '')
    const shifted = /^(\$?\{?\d+\}?)&(?:0x1f|0x1|31|1)<<(\d+)$/.exec(term)
    if (shifted !== null) fields.set(Number(shifted[2]), shifted[1] ?? '')
    else if (/^(?:0x[0-9a-f]+|\d+)$/i.test(term) && word === null) word = Number(term)
    else return unknown
  }
  const mnemonic = word === null ? undefined : words.get(word)
  const [target, base, index] = [fields.get(21), fields.get(16), fields.get(11)]
  if (mnemonic === undefined || target === undefined || base === undefined || index === undefined)
    return unknown
  return { mnemonic, operands: [target, base, index], text }
}
