// SPDX-License-Identifier: GPL-2.0-only

/** What one step does to the machine. Plain JSON: it goes into the job of the replay engine. */
export type Action =
  | { readonly kind: 'load'; readonly modules: readonly string[] }
  | { readonly kind: 'insmod'; readonly module: string }
  | { readonly kind: 'rmmod'; readonly module: string }
  | { readonly kind: 'migrate'; readonly readd: 'hierarchy' | 'per-node' }
  /** Firmware changes a property and the kernel asks for the change. Values are bytes. */
  | {
      readonly kind: 'update'
      readonly node: string
      readonly property: string
      readonly value: readonly number[]
    }
  /** A write to `/proc/powerpc/ofdt`; characters are bytes. */
  | { readonly kind: 'ofdt'; readonly command: string }
  | { readonly kind: 'lookups' }
  | { readonly kind: 'read-back' }
  | { readonly kind: 'find-vio' }
  | { readonly kind: 'settle' }
  | { readonly kind: 'dump' }
  /** What a dump begins with and nothing else: the state as the observer sees it, without reading a file. */
  | { readonly kind: 'observe' }

/** A form that the text of an action may have. */
interface Form {
  readonly example: string
  readonly pattern: RegExp
  readonly read: (match: RegExpExecArray) => Action | undefined
}

/** Module files as the recordings name them, and the modules that are in them. */
const MODULES: ReadonlyMap<string, string> = new Map([
  ['pseries-rng', 'pseries_rng'],
  ['nx-compress-pseries', 'nx_compress_pseries'],
  ['nx-crypto', 'nx_crypto'],
])

const FACILITIES = '/ibm,platform-facilities'

/** Nodes as the recordings name them, and where they are. */
const NODES: ReadonlyMap<string, string> = new Map([
  ['random', `${FACILITIES}/ibm,random-v1`],
  ['compression', `${FACILITIES}/ibm,compression-v1`],
  ['sym-encryption', `${FACILITIES}/ibm,sym-encryption-v1`],
])

/** Properties that an `add_node` gives each node besides `ibm,phandle`. */
const ADDED_PROPERTIES: ReadonlyMap<string, readonly (readonly [string, string])[]> = new Map([
  [
    FACILITIES,
    [
      ['name', 'ibm,platform-facilities\0'],
      ['device_type', 'ibm,platform-facilities\0'],
    ],
  ],
  [
    `${FACILITIES}/ibm,compression-v1`,
    [
      ['name', 'ibm,compression-v1\0'],
      ['compatible', 'ibm,compression\0'],
      ['status', 'okay\0'],
      ['ibm,resource-id', cells(2)],
      ['ibm,max-sg-len', cells(0xff0)],
      ['ibm,max-sync-cop', cells(1, 0x1000, 0x1fe, 1, 0x1000, 0x1fe)],
    ],
  ],
])

const FORMS: readonly Form[] = [
  {
    example: 'load drivers pseries-rng nx-compress-pseries nx-crypto',
    pattern: /^load drivers ([\w, -]+)$/,
    read: ([, names = '']) => {
      const modules = names.split(/[ ,]+/).map((name) => MODULES.get(name))
      return modules.every((module) => module !== undefined) ? { kind: 'load', modules } : undefined
    },
  },
  {
    example: 'insmod nx-crypto',
    pattern: /^insmod (\S+)$/,
    read: ([, name = '']) => withModule(name, (module) => ({ kind: 'insmod', module })),
  },
  {
    example: 'rmmod nx-crypto',
    pattern: /^rmmod (\S+)$/,
    read: ([, name = '']) => withModule(name, (module) => ({ kind: 'rmmod', module })),
  },
  {
    example: 'migrate single',
    pattern: /^migrate (single|per-node)$/,
    read: ([, how]) => ({ kind: 'migrate', readd: how === 'single' ? 'hierarchy' : 'per-node' }),
  },
  {
    example: 'update-properties compression status disabled',
    pattern: /^update-properties (\S+) (\S+) (\S+)$/,
    read: ([, name = '', property = '', value = '']) => {
      const node = NODES.get(name)
      return node === undefined ? undefined : { kind: 'update', node, property, value: valueBytes(value) }
    },
  },
  {
    example: `ofdt remove_node ${FACILITIES}/ibm,random-v1`,
    pattern: /^ofdt (remove_node \/\S+)$/,
    read: ([, command = '']) => ({ kind: 'ofdt', command }),
  },
  {
    example: `ofdt add_node ${FACILITIES} (ibm,phandle 0xfffffff6)`,
    pattern: /^ofdt add_node (\/\S+) \(ibm,phandle (0x[0-9a-f]+)\)$/,
    read: ([, path = '', phandle = '']) => {
      const properties = ADDED_PROPERTIES.get(path)
      if (properties === undefined) return undefined
      const all = [...properties, ['ibm,phandle', cells(Number(phandle))] as const]
      const words = all.map(([name, value]) => `${name} ${value.length} ${value}`)
      return { kind: 'ofdt', command: ['add_node', path, ...words].join(' ') }
    },
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
 * What the text of a step's action stands for.
 *
 * @param failed - makes the error for a text that has none of the known forms
 */
export function parseAction(text: string, failed: (what: string) => Error): Action {
  for (const { pattern, read } of FORMS) {
    const match = pattern.exec(text)
    const action = match === null ? undefined : read(match)
    if (action !== undefined) return action
  }
  const examples = FORMS.map(({ example }) => `"${example}"`).join(', ')
  throw failed(`unknown action "${text}"; known are forms of ${examples}`)
}

function withModule(name: string, make: (module: string) => Action): Action | undefined {
  const module = MODULES.get(name)
  return module === undefined ? undefined : make(module)
}

/** Cells of the device tree, as characters that are bytes. */
function cells(...values: readonly number[]): string {
  return String.fromCharCode(
    ...values.flatMap((value) => [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]),
  )
}

/** `0x800` is one cell, anything else a string with its terminator. */
function valueBytes(value: string): number[] {
  const text = /^0x[0-9a-f]+$/.test(value) ? cells(Number(value)) : `${value}\0`
  return Array.from(text, (character) => character.charCodeAt(0))
}
