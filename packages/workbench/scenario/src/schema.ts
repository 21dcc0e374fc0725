// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'
import type { Scenario, Step } from './scenario.ts'
import { fields } from './yaml.ts'

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
      'ibm,suspend-me': statuses,
      'ibm,update-nodes': statuses,
      'ibm,update-properties': statuses,
      'ibm,configure-connector': statuses,
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
  write: fields({ path: z.string(), data: z.string() }).describe('Write to a file in one piece'),
}

/** The words a step may begin with. */
export const stepNames: readonly string[] = Object.keys(steps)

const step = fields(steps)
  .partial()
  .superRefine((value, context) => {
    if (context.issues.length === 0 && Object.keys(value).length !== 1) {
      context.addIssue({ code: 'custom', message: `a step does exactly one of: ${stepNames.join(', ')}` })
    }
  })
  .transform((value) => value as Step)

const config = fields({
  endian: z.enum(['big', 'little']),
  modules: z.boolean(),
  refcount: z.enum(['plain', 'full']),
  slubPoison: z.boolean(),
  lockDebugging: z.boolean(),
  cmo: z.boolean(),
  hungTaskTimeout: z.number().int().positive(),
})
  .partial()
  .describe('Deviations from the configuration of the recorded kernel')

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
  }).default({ config: {}, devicetree: null }),
  steps: z.array(step).nonempty().describe('What is done to the machine, in order'),
}) as unknown as z.ZodType<Scenario>
