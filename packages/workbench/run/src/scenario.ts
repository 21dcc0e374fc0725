// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'
import type { Immutable } from './immutable.ts'

const oneOrMore = z
  .union([z.string(), z.array(z.string()).nonempty()], { error: 'must be a string or a list of strings' })
  .transform((value): string[] => (typeof value === 'string' ? [value] : value))

const word = z.number().int().min(0).max(0xffffffff)
const path = z.string().regex(/^\//, 'must be a path that begins with "/"')
const statuses = z.array(z.number().int()).nonempty()
const target = z.union([path, word], {
  error: 'must be a path that begins with "/", or a phandle (a number)',
})

const failingCalls = z.strictObject({
  'ibm,suspend-me': statuses.describe('Statuses of the suspension, 0 for success').exactOptional(),
  'ibm,update-nodes': statuses.describe('Statuses of the calls that name changed nodes').exactOptional(),
  'ibm,update-properties': statuses
    .describe('Statuses of the calls that send changed properties')
    .exactOptional(),
  'ibm,configure-connector': statuses
    .describe('Statuses of the calls that describe an added node')
    .exactOptional(),
  'get-sensor-state': statuses
    .describe('Statuses of the calls that query the state of a connector')
    .exactOptional(),
  'set-indicator': statuses
    .describe('Statuses of the calls that change the state of a connector')
    .exactOptional(),
})

/** States of `H_VASI_STATE` (arch/powerpc/include/asm/hvcall.h) by name. */
const vasiStates = [
  'invalid',
  'enabled',
  'aborted',
  'suspending',
  'suspended',
  'resumed',
  'completed',
] as const

const migration = z.strictObject({
  readd: z
    .enum(['hierarchy', 'per-node'])
    .default('hierarchy')
    .describe('Firmware adds the facilities with one ADD for the hierarchy, or with one ADD per node'),
  statuses: failingCalls
    .exactOptional()
    .describe('RTAS statuses of the next calls of a service, one per call; 0 executes the call'),
  vasi: z
    .array(z.union([z.enum(vasiStates), z.number().int()]))
    .nonempty()
    .exactOptional()
    .describe(
      'Answers of the hypervisor to queries of the state of the migration: states, or statuses of failing calls',
    ),
  nodesPerCall: z
    .number()
    .int()
    .positive()
    .exactOptional()
    .describe('Maximum number of changed nodes that firmware lists per call'),
})

const propertyUpdate = z.strictObject({
  node: path.describe("Path of the node in firmware's tree"),
  property: z.string().min(1).describe('Name of the property'),
  value: z
    .union([z.string(), z.array(word).nonempty(), z.null()], {
      error: 'must be a string, a list of 32-bit cells, or null',
    })
    .describe('A text, sent with its terminator, or big-endian cells; null removes the property'),
  pieceSize: z
    .number()
    .int()
    .positive()
    .exactOptional()
    .describe('Maximum size in bytes of the pieces in which firmware sends the value, one per call'),
  by: z
    .enum(['migration', 'prrn'])
    .default('migration')
    .describe('The kernel fetches the change after a migration that deletes nothing, or after a PRRN event'),
})

const firmwareBehaviour = z.strictObject({
  statuses: failingCalls.describe(
    'RTAS statuses of the next calls of a service, one per call; 0 executes the call',
  ),
})

const allocationFailure = z.strictObject({
  allocation: z
    .number()
    .int()
    .positive()
    .describe('Number of the failing allocation among the counted ones, from 1'),
  in: z
    .string()
    .regex(/^[A-Za-z_]\w*$/, 'must be the name of a kernel function')
    .nullable()
    .default(null)
    .describe('Counts only allocations that this kernel function makes, directly or through other functions'),
})

/** The kinds of steps. A step has exactly one of these fields. */
const steps = {
  load: oneOrMore.describe('Modules to load, in this order'),
  unload: oneOrMore.describe('Modules to unload, in this order'),
  migrate: migration.describe('Migrate the partition'),
  update: propertyUpdate.describe('Firmware changes a property'),
  lookup: z
    .union([target, z.array(target).nonempty()], { error: 'must be paths or phandles' })
    .transform((value): (string | number)[] => (Array.isArray(value) ? value : [value]))
    .describe('Nodes to look up, by path or phandle; the references are dropped'),
  ofdt: oneOrMore.describe('Commands for /proc/powerpc/ofdt, one write each'),
  fail: allocationFailure.describe(
    'Makes one allocation of the next step fail, like the fault injection of the kernel',
  ),
  firmware: firmwareBehaviour.describe('Makes the next firmware calls fail, in any step'),
  read: oneOrMore.describe('Files of /sys or /proc to read'),
  write: z
    .strictObject({
      path: z.string().describe('The file'),
      data: z.string().describe('Data to write; each character is a byte'),
    })
    .describe('Writes to a file with one call'),
}

/** Names of the kinds of steps in scenario files. */
export const stepNames: readonly string[] = Object.keys(steps)

type Steps = { [Name in keyof typeof steps]: z.output<(typeof steps)[Name]> }

/** One action of a user or of firmware on a machine; has exactly one field. */
export type Step = { [Name in keyof Steps]: { readonly [One in Name]: Immutable<Steps[Name]> } }[keyof Steps]

/** Schema of `Step`. Accepts the form in scenario files and the form in runs. */
export const stepSchema = z
  .strictObject(steps)
  .partial()
  .superRefine((value, context) => {
    if (context.issues.length === 0 && Object.keys(value).length !== 1) {
      context.addIssue({ code: 'custom', message: `a step has exactly one of: ${stepNames.join(', ')}` })
    }
  })
  .transform((value) => value as Step)
  .meta({ description: 'One action of a user or of firmware', minProperties: 1, maxProperties: 1 })

const machineConfig = z
  .strictObject({
    endian: z
      .enum(['big', 'little'])
      .describe('Byte order of the kernel; the recorded one is little-endian')
      .exactOptional(),
    modules: z.boolean().describe('CONFIG_MODULES: modules can be loaded; recorded: true').exactOptional(),
    refcount: z
      .enum(['plain', 'full'])
      .describe('CONFIG_REFCOUNT_FULL off or on; recorded: full')
      .exactOptional(),
    slubPoison: z
      .boolean()
      .describe('slub_debug=FZPU: freed memory is poisoned; recorded: true')
      .exactOptional(),
    lockDebugging: z
      .boolean()
      .describe('CONFIG_PROVE_LOCKING and CONFIG_DEBUG_ATOMIC_SLEEP; recorded: true')
      .exactOptional(),
    cmo: z
      .boolean()
      .describe('Cooperative memory overcommitment (FW_FEATURE_CMO); recorded: false')
      .exactOptional(),
    prrn: z
      .boolean()
      .describe('Platform Resource Reassignment Notifications (FW_FEATURE_PRRN); recorded: false')
      .exactOptional(),
    hungTaskTimeout: z
      .number()
      .int()
      .positive()
      .describe('Seconds after which a blocked task is reported; recorded: 10')
      .exactOptional(),
  })
  .describe('Deviations from the configuration of the recorded kernel')

const partition = z
  .strictObject({
    phandles: z
      .enum(['separate', 'colliding'])
      .describe(
        "colliding: other nodes have phandles that share a slot of the kernel's phandle cache with those of the facilities",
      )
      .exactOptional(),
    spareProcessors: z
      .number()
      .int()
      .min(0)
      .max(16)
      .describe('Number of processors that firmware can add to those in the tree')
      .exactOptional(),
  })
  .describe('Resources that firmware has for the partition besides its tree')

/** Names of scenario sets for `--scenario`. No scenario may use one of them as its id. */
export const scenarioSets = ['standard', 'all'] as const

/** Schema of a scenario file. Unknown fields are refused. */
export const scenarioFileSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words joined by "-"')
    .regex(new RegExp(`^(?!(${scenarioSets.join('|')})$)`), 'must not be the name of a set of scenarios')
    .describe('Name of the scenario'),
  title: z.string().min(1).describe('Summary of the events, in one line'),
  machine: z
    .strictObject({
      config: machineConfig.default({}),
      devicetree: z
        .string()
        .min(1)
        .nullable()
        .default(null)
        .describe('A .dtb file to boot from, relative to the file that names it'),
      partition: partition.exactOptional(),
    })
    .default({ config: {}, devicetree: null })
    .describe('The machine to boot; default: the recorded one'),
  steps: z.array(stepSchema).nonempty().describe('Actions on the machine, in order'),
})

/** A scenario as read from a file. */
export type ScenarioFile = Immutable<z.output<typeof scenarioFileSchema>>

/** Deviations from the configuration of the recorded kernel. */
export type MachineConfig = ScenarioFile['machine']['config']

/** Resources that firmware has for the partition, besides the device tree. */
export type PartitionSetup = Immutable<z.output<typeof partition>>

/** Settings of firmware for a migration. */
export type Migration = Immutable<z.output<typeof migration>>

/** Firmware changes a property of a node and makes the kernel fetch the change. */
export type PropertyUpdate = Immutable<z.output<typeof propertyUpdate>>

/**
 * Selects the one allocation that fails during the next step. On a kernel with `CONFIG_FAULT_INJECTION` this
 * corresponds to `/proc/PID/fail-nth`; with a function, to `require-start` and `require-end` of
 * `/sys/kernel/debug/failslab`.
 */
export type AllocationFailure = Immutable<z.output<typeof allocationFailure>>

/** A machine to boot and the steps to play on it. Scenarios are data and work with any engine. */
export interface Scenario extends Omit<ScenarioFile, 'machine'> {
  readonly machine: {
    readonly config: MachineConfig
    /** Bytes of the device tree blob to boot from; null for the default partition. */
    readonly devicetree: readonly number[] | null
    readonly partition?: PartitionSetup
  }
}
