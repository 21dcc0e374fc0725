// SPDX-License-Identifier: GPL-2.0-only

/** Code that cannot be translated. The program stops when it reaches the code; the rest of the file works. */
export class Untranslatable extends Error {
  override readonly name = 'Untranslatable'
}
