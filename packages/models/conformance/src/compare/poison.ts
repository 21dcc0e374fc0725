// SPDX-License-Identifier: GPL-2.0-only

/**
 * Poison up to its last byte, then the red zone of eight bytes, as the recorded console shows them: question marks
 * replace non-ASCII characters. A pointer of the allocator follows.
 */
const poisonPattern = /^k+\?{9}/

/**
 * The known part of a string in freed memory that has no new owner.
 *
 * @returns undefined for any other text: a new owner's, or the allocator's without poison
 */
export function poisonIn(text: string): string | undefined {
  return poisonPattern.exec(text.replace(/[^\x20-\x7e]/g, '?'))?.[0]
}

/**
 * True if the known part of a text from freed memory agrees: if the recorded text is poison, the replayed one must be
 * the same poison. Any replayed text agrees with another recorded text.
 */
export function freedTextsAgree(recorded: string, replayed: string): boolean {
  const poison = poisonIn(recorded)
  return poison === undefined || poison === poisonIn(replayed)
}
