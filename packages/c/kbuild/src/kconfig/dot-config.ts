// SPDX-License-Identifier: GPL-2.0-only
import type { Values } from './evaluate.ts'

/**
 * Parses a `.config` or a fragment: lines `CONFIG_X=…` and `# CONFIG_X is not set`.
 *
 * @returns values by symbol without `CONFIG_`; strings have no quotes
 */
export function parseDotConfig(text: string): Map<string, string> {
  const values = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const [, unset, name = unset, value = 'n'] =
      /^(?:# CONFIG_(\w+) is not set|CONFIG_(\w+)=(.*))$/.exec(line) ?? []
    if (name !== undefined) values.set(name, unquote(value))
  }
  return values
}

const unquote = (value: string): string =>
  /^".*"$/s.test(value) ? value.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : value

const quote = (value: string): string => `"${value.replaceAll(/["\\]/g, '\\$&')}"`

/** True if a symbol has the type that needs special syntax. */
export type IsString = (name: string) => boolean

/** Prints values as lines of a `.config`. Symbols with value `n` have no line. */
export function printDotConfig(values: Values, isString: IsString): string {
  return [...values]
    .map(([name, value]) => `CONFIG_${name}=${isString(name) ? quote(value) : value}\n`)
    .join('')
}

/** Prints `include/generated/autoconf.h`. */
export function printAutoconf(values: Values, isString: IsString, isHex: IsString): string {
  return [...values]
    .map(([name, value]) => {
      if (isString(name)) return `#define CONFIG_${name} ${quote(value)}\n`
      if (value === 'y') return `#define CONFIG_${name} 1\n`
      if (value === 'm') return `#define CONFIG_${name}_MODULE 1\n`
      return `#define CONFIG_${name} ${isHex(name) && !/^0x/i.test(value) ? '0x' : ''}${value}\n`
    })
    .join('')
}
