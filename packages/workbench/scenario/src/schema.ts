// SPDX-License-Identifier: GPL-2.0-only
import type { KernelConfig } from '@pfo-workbench/kernel'
import { z } from 'zod'
import type { Scenario, Step } from './scenario.ts'
import { fields } from './yaml.ts'

/** The words a step may begin with. */
type StepName = Step extends infer One ? (One extends unknown ? keyof One : never) : never

const oneOrMore = z
  .union([z.string(), z.array(z.string()).nonempty()], { error: 'must be a text or a list of texts' })
  .transform((value) => (typeof value === 'string' ? [value] : value))

const word = z.number().int().min(0).max(0xffffffff)
const path = z.string().regex(/^\//, 'must be a path that begins with "/"')
const statuses = z.array(z.number().int()).nonempty()
const target = z.union([path, word], {
  error: 'must be a path that begins with "/", or a phandle (a number)',
})

const steps = {
  load: oneOrMore.describe('Modules to load, in this order'),
  unload: oneOrMore.describe('Modules to unload, in this order'),
  migrate: fields({
    readd: z
      .enum(['hierarchy', 'per-node'])
      .default('hierarchy')
      .describe('Firmware adds the facilities with one ADD for the hierarchy, or with one ADD per node'),
    statuses: fields({
      'ibm,suspend-me': statuses.describe('Statuses of the suspension, 0 for success'),
      'ibm,update-nodes': statuses.describe('Statuses of the calls that name changed nodes'),
      'ibm,update-properties': statuses.describe('Statuses of the calls that send changed properties'),
      'ibm,configure-connector': statuses.describe('Statuses of the calls that describe an added node'),
    })
      .partial()
      .optional()
      .describe('RTAS statuses of the next calls of a service, one a call; 0 serves the call'),
  }).describe('Migrate the partition'),
  update: fields({
    node: path.describe("Path of the node in firmware's tree"),
    property: z.string().min(1).describe('Name of the property'),
    value: z
      .union([z.string(), z.array(word).nonempty()], { error: 'must be a text or a list of 32-bit cells' })
      .describe('A text, sent with its terminator, or big-endian cells'),
    by: z
      .enum(['migration', 'prrn'])
      .default('migration')
      .describe('The kernel asks after a migration that deletes nothing, or upon a PRRN event'),
  }).describe('Firmware changes a property'),
  lookup: z
    .union([target, z.array(target).nonempty()], { error: 'must be paths or phandles' })
    .transform((value) => (Array.isArray(value) ? value : [value]))
    .describe('Nodes that somebody looks up, by path or phandle, and lets go again'),
  ofdt: oneOrMore.describe('Commands for /proc/powerpc/ofdt, one write each'),
  fail: fields({
    allocation: z.number().int().positive().describe('Which one, from 1, of those that are counted'),
    in: z
      .string()
      .regex(/^[A-Za-z_]\w*$/, 'must be the name of a kernel function')
      .nullable()
      .default(null)
      .describe('Only allocations that this kernel function asks for, itself or through others, are counted'),
  }).describe('Let one allocation of the next step fail, as fault injection of a kernel does'),
  read: oneOrMore.describe('Files of /sys or /proc to read'),
  write: fields({
    path: z.string().describe('The file'),
    data: z.string().describe('What is written; its characters are bytes'),
  }).describe('Write to a file in one piece'),
} satisfies Record<StepName, z.ZodType>

/** The kinds of steps, by the name that each has in a scenario file. */
export const stepNames: readonly string[] = Object.keys(steps)

const step = fields(steps)
  .partial()
  .superRefine((value, context) => {
    if (context.issues.length === 0 && Object.keys(value).length !== 1) {
      context.addIssue({ code: 'custom', message: `a step does exactly one of: ${stepNames.join(', ')}` })
    }
  })
  .transform((value) => value as Step)
  .meta({ description: 'One thing that a person or firmware does', minProperties: 1, maxProperties: 1 })

const options = {
  endian: z.enum(['big', 'little']).describe('Byte order of the kernel; the recorded one is little-endian'),
  modules: z.boolean().describe('CONFIG_MODULES: whether modules can be loaded; recorded: true'),
  refcount: z.enum(['plain', 'full']).describe('CONFIG_REFCOUNT_FULL off or on; recorded: full'),
  slubPoison: z.boolean().describe('slub_debug=FZPU: freed memory is overwritten; recorded: true'),
  lockDebugging: z.boolean().describe('CONFIG_PROVE_LOCKING and CONFIG_DEBUG_ATOMIC_SLEEP; recorded: true'),
  cmo: z.boolean().describe('Cooperative memory overcommitment (FW_FEATURE_CMO); recorded: false'),
  prrn: z
    .boolean()
    .describe('Platform Resource Reassignment Notifications (FW_FEATURE_PRRN): who listens; recorded: false'),
  hungTaskTimeout: z
    .number()
    .int()
    .positive()
    .describe('Seconds after which a blocked task is reported; recorded: 10'),
} satisfies Record<keyof KernelConfig, z.ZodType>

const config = fields(options).partial().describe('Deviations from the configuration of the recorded kernel')

/** What a scenario file may hold; anything else is refused. */
export const scenarioSchema: z.ZodType<Scenario> = fields({
  id: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words joined by "-"')
    .describe('Name of the scenario'),
  title: z.string().min(1).describe('What happens, in one line'),
  machine: fields({
    config: config.default({}),
    devicetree: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('A .dtb file to boot from, relative to the file that names it'),
  })
    .default({ config: {}, devicetree: null })
    .describe('The machine that is booted; without it the recorded one'),
  steps: z.array(step).nonempty().describe('What is done to the machine, in order'),
  // To zod a field that may be left out may as well be undefined; exactOptionalPropertyTypes tells the two apart.
}) as z.ZodType<Scenario>

/** The schema of scenario files for editors: draft 7, which is what they understand. */
export function scenarioJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-7' }),
    title: 'Scenario of the PFO Workbench',
  }
}
