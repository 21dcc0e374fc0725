// SPDX-License-Identifier: GPL-2.0-only
import { facilitiesPath } from '../node-kinds.ts'
import { ActionError } from './action-error.ts'
import type { Action } from './action.ts'
import { deviceNamed, driverNamed, moduleNamed, nodeNamed } from './names.ts'
import { ofdtCommand } from './ofdt.ts'
import { decode, valueBytes } from './values.ts'

/** A form of the text of an action. */
interface Form {
  readonly example: string
  readonly pattern: RegExp
  readonly read: (match: RegExpExecArray) => Action
}

/** Written in place of a value to remove the property. */
const removedMark = '(removed)'

const knownForms: readonly Form[] = [
  {
    example: 'load drivers pseries-rng nx-compress-pseries nx-crypto',
    pattern: /^load drivers ([\w, -]+)$/,
    read: ([, names = '']) => ({ kind: 'load', modules: names.split(/[ ,]+/).map(moduleNamed) }),
  },
  {
    example: 'insmod nx-crypto',
    pattern: /^insmod (\S+)$/,
    read: ([, name = '']) => ({ kind: 'insmod', module: moduleNamed(name) }),
  },
  {
    example: 'rmmod nx-crypto',
    pattern: /^rmmod (\S+)$/,
    read: ([, name = '']) => ({ kind: 'rmmod', module: moduleNamed(name) }),
  },
  {
    example: 'bind nx-crypto ibm,sym-encryption-v1',
    pattern: /^(bind|unbind) (\S+) (\S+)$/,
    read: ([, what = '', driver = '', device = '']) => ({
      kind: 'write',
      path: `/sys/bus/vio/drivers/${driverNamed(driver)}/${what}`,
      text: deviceNamed(device),
    }),
  },
  {
    example: 'migrate single',
    pattern: /^migrate (single|per-node)( without name)?$/,
    read: ([, how, withoutName]) => ({
      kind: 'migrate',
      readd: how === 'single' ? 'hierarchy' : 'per-node',
      nameProperty: withoutName === undefined,
    }),
  },
  {
    example: `update-properties compression status disabled`,
    pattern: /^(update-properties|prrn) (\S+) (\S+) (.+)$/,
    read: ([, what, name = '', property = '', value = '']) => {
      const node = nodeNamed(name)
      return {
        kind: 'update',
        cause: what === 'prrn' ? 'prrn' : 'migration',
        node,
        property,
        value: value === removedMark ? null : valueBytes(node, property, value),
      }
    },
  },
  {
    example: `ofdt remove_node ${facilitiesPath}/ibm,random-v1`,
    pattern: /^ofdt (.+)$/s,
    read: ([, words = '']) => ({ kind: 'write', path: '/proc/powerpc/ofdt', text: ofdtCommand(words) }),
  },
  {
    example: 'write /sys/kernel/mobility/migration 1',
    pattern: /^write (\/\S+) (.*)$/s,
    read: ([, path = '', text = '']) => ({ kind: 'write', path, text: decode(text) }),
  },
  {
    example: 'cat /sys/devices/vio/ibm,random-v1/modalias',
    pattern: /^cat (\/\S+)$/,
    read: ([, path = '']) => ({ kind: 'read', path }),
  },
  { example: 'lookups', pattern: /^lookups$/, read: () => ({ kind: 'lookups' }) },
  { example: 'read back', pattern: /^read back$/, read: () => ({ kind: 'read-back' }) },
  { example: 'find vio', pattern: /^find vio$/, read: () => ({ kind: 'find-vio' }) },
  {
    example: 'settle (3 s for the workqueue)',
    pattern: /^settle( \(.*\))?$/,
    read: () => ({ kind: 'settle' }),
  },
  { example: 'dump', pattern: /^dump$/, read: () => ({ kind: 'dump' }) },
  {
    example: 'dump after the hang (observer state only)',
    pattern: /^dump .*\(observer state only\)$/,
    read: () => ({ kind: 'observe' }),
  },
]

/**
 * Parses the text of a step's action.
 *
 * @throws ActionError with the action and the accepted forms, if the text has none of them
 */
export function parseAction(text: string): Action {
  for (const { pattern, read } of knownForms) {
    const match = pattern.exec(text)
    if (match === null) continue
    try {
      return read(match)
    } catch (error) {
      if (!(error instanceof ActionError)) throw error
      throw new ActionError(`unknown action "${text}": ${error.message}`, { cause: error })
    }
  }
  const examples = knownForms.map(({ example }) => `"${example}"`).join(', ')
  throw new ActionError(`unknown action "${text}"; known forms: ${examples}`)
}
