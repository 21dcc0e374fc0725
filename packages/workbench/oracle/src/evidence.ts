// SPDX-License-Identifier: GPL-2.0-only
import { chainSchema, type Immutable } from '@pfo-workbench/run'
import { z } from 'zod'

const text = z.string()

const proves = <Kind extends string, Data extends z.core.$ZodLooseShape>(kind: Kind, data: Data) =>
  z.strictObject({
    kind: z.literal(kind),
    data: z.strictObject(data),
    /** Call chain that led to the event, innermost function first. */
    chain: chainSchema,
    /** Position of the event in the run. Absent for unreachable memory: its proof is the state at the end. */
    seq: z.number().int().nonnegative().exactOptional(),
  })

/** Schema of `Evidence`. */
export const evidenceSchema = z.discriminatedUnion('kind', [
  proves('task-killed', { reason: text }),
  proves('waited', { lock: text }),
  proves('touched', { access: z.enum(['read', 'write']), struct: text, field: text }),
  proves('freed-again', {}),
  proves('counter-fault', { fault: text }),
  /** `path` is the path of the node. */
  proves('bad-put', { path: text }),
  /** A reference was taken for `holder`. */
  proves('taken', { holder: text }),
  /** A reference was dropped for `holder`. */
  proves('dropped', { holder: text }),
  /** `dropper` dropped a reference that belongs to another function. */
  proves('stolen', { dropper: text }),
  proves('looked-up', { caller: text }),
  proves('renamed', { wanted: text }),
  proves('not-created', {}),
  /** Last detachment of the node that the finding is about. */
  proves('node-detached', {}),
  /** Detachment of the node of the device that the finding is about. */
  proves('device-node-detached', {}),
  /** The last time that the device was unregistered or its driver unbound. */
  proves('device-lost', { event: z.enum(['device.unregister', 'driver.unbind']) }),
  proves('driver-unbound', {}),
  proves('device-registered', {}),
  /** The service was registered or unregistered. */
  proves('service-changed', { event: z.enum(['service.register', 'service.unregister']) }),
  proves('driver-bound', { driver: text }),
  /** The tree was changed. */
  proves('tree-changed', { path: text }),
  proves('callback-registered', {}),
  proves('callback-called', {}),
  proves('work-queued', {}),
  proves('work-run', {}),
  proves('allocated', { object: text }),
  proves('slept', {}),
  proves('console-line', { line: text }),
  /** For oracles that the workbench does not ship. */
  proves('in-words', { text }),
])

/** One piece of proof: an event and the call chain that led to it. */
export type Evidence = Immutable<z.output<typeof evidenceSchema>>

/** The kinds of evidence. */
export type EvidenceKind = Evidence['kind']

/** The evidence of one kind. */
export type EvidenceOf<Kind extends EvidenceKind> = Extract<Evidence, { readonly kind: Kind }>

/** The content of a piece of evidence, without its chain and position. */
export type EvidenceContent<One extends Evidence = Evidence> = One extends Evidence
  ? Pick<One, 'kind' | 'data'>
  : never
