// SPDX-License-Identifier: GPL-2.0-only
import type { Image } from '@pfo-workbench/image'
import { chainAt, type MachineEvent, type Track } from '@pfo-workbench/machine'
import type { CallChain, Frame, RunEvent } from '@pfo-workbench/run'

/** The frames of all places that were met: a run has many chains and few places. */
const frames = new Map<string, Frame>()

function frameOf(name: string, file: string, line: number): Frame {
  const key = `${name} ${file} ${String(line)}`
  const known = frames.get(key) ?? { function: name, file, line }
  frames.set(key, known)
  return known
}

/** The call chain of a track. */
export function chainOf(image: Image, track: Track): CallChain {
  return chainAt(image, track.positions).map(({ function: name, file, line }) => frameOf(name, file, line))
}

/** An event of a machine as one of a run. Its call chain is resolved when it is read. */
export function toRunEvent(image: Image, event: MachineEvent): RunEvent {
  const { type, seq, step, task, track } = event
  let chain: CallChain | null = null
  const fields: Record<string, unknown> = { ...event.fields }
  if (event.type === 'use-after-free' || event.type === 'double-free') {
    fields['allocatedBy'] = chainOf(image, event.fields.allocatedBy)
    fields['freedBy'] = chainOf(image, event.fields.freedBy)
  }
  return {
    type,
    ...fields,
    seq,
    step,
    task,
    get chain() {
      return (chain ??= chainOf(image, track))
    },
  } as unknown as RunEvent
}
