// SPDX-License-Identifier: GPL-2.0-only
import { ActionError } from './action/action-error.ts'
import type { Action } from './action/action.ts'
import { parseAction } from './action/parse.ts'
import { Fields } from './fields.ts'
import { RecordingError, UnknownActionError } from './recording-error.ts'

/** Outcome of a recorded step: it returned an exit status, was killed by an Oops, hung, or the machine stopped. */
export type RecordedOutcome = number | 'killed' | 'hung' | 'stopped'

/** A reference taken or dropped on one of the four kinds of nodes. */
export interface RecordedReference {
  readonly op: 'get' | 'put'
  readonly node: string
  readonly before: number
  /** Computed by the observer: one more or one less, whatever the counter did. */
  readonly after: number
  /** Up to four callers, innermost first. */
  readonly by: readonly string[]
  /** The observer's remark about the node: `already released`, or empty. */
  readonly remark: string
}

/** A node in a dump. A freed node has only its name, origin and life. */
export interface RecordedNode {
  readonly id: string
  readonly origin: string
  readonly life: 'allocated' | 'released-not-freed' | 'freed' | 'freed-reused'
  readonly how: string | null
  readonly state: RecordedNodeState | null
}

interface RecordedNodeState {
  readonly kref: number
  readonly flags: readonly string[]
  readonly phandle: string
  readonly name: string
  readonly full_name: string
  /** Name of the parent, with its life in brackets unless it is allocated. */
  readonly parent: string
  readonly in_tree: boolean
  readonly in_sysfs: boolean
  readonly sysfs_name: string
}

/** The phandle cache slot of a phandle. */
export interface RecordedCacheSlot {
  readonly phandle: string
  readonly slot: number
  readonly entry: string
}

/** A vio device in a dump. */
export interface RecordedVioDevice {
  readonly dev: string
  readonly kref: number
  readonly of_node: string
  readonly of_node_attached: boolean | null
  readonly vio_name: string
  readonly vio_type: string
  readonly driver: string
}

/** Result of a finder. */
export interface RecordedLookup {
  readonly how: string
  readonly of: string
  readonly result: string
  readonly state: string
  readonly kref_with_ours: number
}

/** A WARNING, BUG, Oops or lock report. */
export interface RecordedReport {
  readonly text: string
  /** The function that the report names as its location; null if it names none. */
  readonly at: string | null
  /** The call trace as printed, innermost first. */
  readonly trace: readonly string[]
}

/** One step: the action, and everything that the observer recorded in it. */
export interface RecordedStep {
  /** Line in the recording. */
  readonly line: number
  readonly step: number
  readonly text: string
  readonly action: Action
  readonly outcome: RecordedOutcome
  readonly events: readonly string[]
  readonly refs: readonly RecordedReference[]
  readonly lifecycle: readonly string[]
  readonly nodes: readonly RecordedNode[]
  readonly vio: readonly RecordedVioDevice[]
  readonly phandle_cache: readonly RecordedCacheSlot[]
  readonly lookups: readonly RecordedLookup[]
  readonly device_tree: readonly string[]
  readonly sysfs: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly drivers: Readonly<Record<string, readonly string[]>>
  readonly misc: Readonly<Record<string, string>>
  readonly calls: readonly string[]
  readonly reports: readonly RecordedReport[]
}

/** One recorded run: a freshly booted machine and its steps. */
export interface Recording {
  readonly variant: string
  readonly scenario: string
  /** True if `slub_debug=FZPU` was set. */
  readonly slubPoison: boolean
  /** True if compression and sym-encryption were `OF_DYNAMIC` from boot. */
  readonly dynamicChildren: boolean
  /** True if the parent, and with it all children, was `OF_DYNAMIC` from boot. */
  readonly dynamicParent: boolean
  /** Lines of the observer during boot. */
  readonly boot: readonly string[]
  readonly steps: readonly RecordedStep[]
}

/** A recording without a replay: its variant could not be built, or the engine failed. */
export interface NotReplayed {
  readonly variant: string
  readonly scenario: string
  readonly reason: string
}

/**
 * Parses a recording.
 *
 * @param file - its path, for messages
 * @param content - JSON lines: the run, then one object per step
 * @throws RecordingError for any invalid content
 * @throws UnknownActionError for an action that the replay does not support
 */
export function parseRecording(file: string, content: string): Recording {
  const lines = content
    .split('\n')
    .flatMap((text, index) => (text.trim() === '' ? [] : [{ text, line: index + 1 }]))
  const [first, ...rest] = lines
  if (first === undefined) throw new RecordingError(file, 0, 'the file is empty; expected: JSON lines')
  const head = Fields.parse(file, first.line, first.text)
  if (head.raw('record') !== 'scenario') head.fail('record', '"scenario" in the first line')
  const variant = head.string('variant')
  const scenario = head.string('scenario')
  const steps = rest.map(({ text, line }) => {
    const fields = Fields.parse(file, line, text)
    if (fields.raw('variant') !== variant) fields.fail('variant', `"${variant}" as in the first line`)
    if (fields.raw('scenario') !== scenario) fields.fail('scenario', `"${scenario}" as in the first line`)
    return readStep(fields)
  })
  for (const [index, { step, line }] of steps.entries()) {
    if (step !== index + 1)
      throw new RecordingError(file, line, `step ${step} where ${index + 1} was expected`)
  }
  return {
    variant,
    scenario,
    slubPoison: head.boolean('slub_poison'),
    dynamicChildren: head.oneOf('boot_children', ['static', 'dynamic']) === 'dynamic',
    dynamicParent: head.has('boot_parent') && head.oneOf('boot_parent', ['static', 'dynamic']) === 'dynamic',
    boot: head.strings('boot'),
    steps,
  }
}

function readStep(fields: Fields): RecordedStep {
  const text = fields.string('action')
  return {
    line: fields.line,
    step: fields.number('step'),
    text,
    action: readAction(fields, text),
    outcome: readOutcome(fields),
    events: fields.strings('events'),
    refs: fields.list('refs', readReference),
    lifecycle: fields.strings('lifecycle'),
    nodes: fields.list('nodes', readNode),
    vio: fields.list('vio', readVioDevice),
    phandle_cache: fields.list('phandle_cache', (slot) => ({
      phandle: slot.string('phandle'),
      slot: slot.number('slot'),
      entry: slot.string('entry'),
    })),
    lookups: fields.list('lookups', (lookup) => ({
      how: lookup.string('how'),
      of: lookup.string('of'),
      result: lookup.string('result'),
      state: lookup.string('state'),
      kref_with_ours: lookup.number('kref_with_ours'),
    })),
    device_tree: fields.strings('device_tree'),
    sysfs: readTable(fields.inner('sysfs'), (table, name) => {
      const device = table.inner(name)
      return readTable(device, (row, file) => row.string(file))
    }),
    drivers: readTable(fields.inner('drivers'), (table, name) => table.strings(name)),
    misc: readTable(fields.inner('misc'), (table, name) => table.string(name)),
    calls: fields.strings('calls'),
    reports: fields.list('reports', (report) => ({
      text: report.string('text'),
      at: report.stringOrNull('at'),
      trace: report.strings('trace'),
    })),
  }
}

function readAction(fields: Fields, text: string): Action {
  try {
    return parseAction(text)
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    const [variant, scenario] = [fields.string('variant'), fields.string('scenario')]
    throw new UnknownActionError(fields.file, fields.line, error.message, { variant, scenario })
  }
}

function readTable<T>(fields: Fields, read: (fields: Fields, name: string) => T): Record<string, T> {
  return Object.fromEntries(fields.names().map((name) => [name, read(fields, name)]))
}

function readOutcome(fields: Fields): RecordedOutcome {
  const rc = fields.raw('rc')
  if (typeof rc === 'number') return rc
  if (rc === null) return 'stopped'
  return fields.oneOf('rc', ['killed', 'hung'])
}

function readReference(fields: Fields): RecordedReference {
  const { chain, remark } = splitChain(fields.string('by'))
  return {
    op: fields.oneOf('op', ['get', 'put']),
    node: fields.string('node'),
    before: fields.number('before'),
    after: fields.number('after'),
    by: chain,
    remark,
  }
}

/** Splits `a < b < c (already released)` into the functions and the remark. */
export function splitChain(text: string): { chain: string[]; remark: string } {
  const match = /^(.*?)(?: \((.*)\))?$/s.exec(text)
  return { chain: (match?.[1] ?? '').split(' < ').filter((name) => name !== ''), remark: match?.[2] ?? '' }
}

function readNode(fields: Fields): RecordedNode {
  const life = fields.oneOf('life', ['allocated', 'released-not-freed', 'freed', 'freed-reused'])
  const gone = life === 'freed' || life === 'freed-reused'
  return {
    id: fields.string('id'),
    origin: fields.string('origin'),
    life,
    how: gone ? fields.string('how') : null,
    state: gone
      ? null
      : {
          kref: fields.number('kref'),
          flags: fields.strings('flags'),
          phandle: fields.string('phandle'),
          name: fields.string('name'),
          full_name: fields.string('full_name'),
          parent: fields.string('parent'),
          in_tree: fields.boolean('in_tree'),
          in_sysfs: fields.boolean('in_sysfs'),
          sysfs_name: fields.string('sysfs_name'),
        },
  }
}

function readVioDevice(fields: Fields): RecordedVioDevice {
  return {
    dev: fields.string('dev'),
    kref: fields.number('kref'),
    of_node: fields.string('of_node'),
    of_node_attached: fields.booleanOrNull('of_node_attached'),
    vio_name: fields.string('vio_name'),
    vio_type: fields.string('vio_type'),
    driver: fields.string('driver'),
  }
}
