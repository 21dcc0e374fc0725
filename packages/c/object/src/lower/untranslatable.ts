// SPDX-License-Identifier: GPL-2.0-only

/** A piece of C that cannot be translated. The code stops there when it is reached; the rest of the file works. */
export class Untranslatable extends Error {
  override readonly name = 'Untranslatable'
}
