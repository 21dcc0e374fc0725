// SPDX-License-Identifier: GPL-2.0-only

/**
 * Poison up to its last byte, and the red zone of eight bytes behind it, as the recorded console shows them: what is no
 * ASCII is a question mark. What follows is a pointer of the allocator's.
 */
const POISON = /^k+\?{9}/

/**
 * What a string in freed memory shows as long as nobody else has the memory.
 *
 * @returns undefined for any other text: a new owner's, or the allocator's without poison
 */
export function poisonIn(text: string): string | undefined {
  return POISON.exec(text.replace(/[^\x20-\x7e]/g, '?'))?.[0]
}

/** Whether a text out of freed memory is the same on both sides as far as it can be known: the recorded one is poison or is not. */
export function freedTextsAgree(recorded: string, replayed: string): boolean {
  const poison = poisonIn(recorded)
  return poison === undefined || poison === poisonIn(replayed)
}
