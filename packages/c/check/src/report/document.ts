// SPDX-License-Identifier: GPL-2.0-only
import * as z from 'zod'

const pathStep = z.strictObject({ file: z.string(), line: z.int(), text: z.string() })

const documentFinding = z.strictObject({
  rule: z.enum([
    'leak',
    'double-put',
    'use-after-put',
    'returned-unowned',
    'put-of-argument',
    'put-of-owned-field',
    'stored-unowned',
    'drop-stored',
    'never-dropped',
    'derived-use',
  ]),
  severity: z.enum(['error', 'question', 'note']),
  status: z.enum(['fixed', 'partly-fixed', 'kept', 'introduced', 'present']),
  file: z.string(),
  function: z.string(),
  line: z.int(),
  /** One sentence. */
  message: z.string(),
  /** Places where references were taken and dropped. */
  references: z.string().optional(),
  /** Number of paths with the fault, and number of all explored paths of the function. */
  paths: z.int(),
  ofPaths: z.int(),
  /** The decisions that lead to the fault on the shortest path. */
  path: z.array(pathStep),
})

const documentFunction = z.strictObject({
  file: z.string(),
  name: z.string(),
  configuration: z.string(),
  forced: z.array(z.string()),
  paths: z.int(),
  complete: z.boolean(),
  approximate: z.boolean(),
})

/** `stopped`: the compiler or the execution ended early, for example for lack of memory. The next run may succeed. */
const checkState = z.enum([
  'applied',
  'already-applied',
  'conflict',
  'elsewhere',
  'does-not-compile',
  'stopped',
  'nothing-to-execute',
  'unpatched',
])

const documentPatch = z.strictObject({
  id: z.string(),
  title: z.string(),
  state: checkState,
  /** Reason why nothing, or only a part, was executed. */
  reason: z.string().optional(),
  /** Compiler output. */
  diagnostics: z.string().optional(),
  functions: z.array(documentFunction),
  findings: z.array(documentFinding),
})

/** The output of `pfo check --format json`. */
export const checkDocument = z.strictObject({
  schemaVersion: z.literal(1),
  kernel: z.string(),
  compiler: z.string(),
  /** For results of `--shard`: the index of the shard and the number of shards. */
  shard: z.strictObject({ index: z.int().min(1), of: z.int().min(1).max(10_000) }).optional(),
  patches: z.array(documentPatch),
})

/** The result of a check. */
export type CheckDocument = z.infer<typeof checkDocument>
/** The result for one patch, or for files without a patch. */
export type CheckedPatch = z.infer<typeof documentPatch>
/** The result of applying and executing a patch. `unpatched` means that files without a patch were checked. */
export type CheckState = z.infer<typeof checkState>

const unjudged: ReadonlySet<CheckState> = new Set(['conflict', 'elsewhere', 'does-not-compile', 'stopped'])

/** True if a patch could not be judged. */
export function isUnjudged({ state }: CheckedPatch): boolean {
  return unjudged.has(state)
}

/** An executed function: its configuration, its number of paths, and a flag that is true if these are all paths. */
export type CheckedFunction = z.infer<typeof documentFunction>
/** A fault, its status, and the path that proves it. */
export type CheckedFinding = z.infer<typeof documentFinding>

/** The schema of one patch, for cached results. */
export const checkedPatchSchema: typeof documentPatch = documentPatch
