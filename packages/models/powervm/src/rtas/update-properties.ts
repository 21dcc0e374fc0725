// SPDX-License-Identifier: GPL-2.0-only
import { stringValue, viewOf } from '../bytes.ts'
import { handleOf, placedNodes } from '../firmware-node.ts'
import type { PropertyChange } from '../plan.ts'
import type { FirmwareState } from '../state.ts'
import { areaArgument, type RtasArgument, scopeArgument, WORK_AREA_SIZE } from './arguments.ts'
import { HARDWARE_ERROR, MORE, PARAMETER_ERROR, SUCCESS } from './status.ts'

/**
 * Offsets in the area. The kernel sets the phandle in word 0. `STATE`: firmware's count of answers. `COUNT`: the number
 * of descriptors that follow.
 */
const STATE = 4
const COUNT = 16
const DESCRIPTORS = 20

/** Size of the descriptors in one answer, in bytes. */
const ROOM = WORK_AREA_SIZE - DESCRIPTORS

/** Maximum length of a path. The rest of the area fits any name. */
const MAX_PATH = 2048

/** Length in a descriptor of a removed property. */
const REMOVED = 0x80000000

/** The descriptors of one answer. Each has a name with its terminator, a length word and a value. */
interface Answer {
  bytes: Uint8Array
  count: number
}

/**
 * `ibm,update-properties`: (work area, scope) -> status. Returns the path, under an empty name, and the pending
 * property changes of the node whose phandle is in word 0. A value that continues in the next answer has a negative
 * length and is the last of its answer. Word 1 of the area counts the answers with status 1 (more); the last answer
 * resets it.
 */
export function updateProperties(state: FirmwareState, args: readonly RtasArgument[]): readonly number[] {
  const area = areaArgument(args[0])
  const scope = scopeArgument(args[1])
  if (area === undefined || scope === undefined) return [PARAMETER_ERROR]
  const handle = area.view.getUint32(0)
  const placed = placedNodes(state.root).find(({ node }) => handle !== 0 && handleOf(node) === handle)
  if (placed === undefined) return [PARAMETER_ERROR]
  if (placed.path.length > MAX_PATH) return [HARDWARE_ERROR]
  const notices = state.propertyNotices.filter((notice) => notice.scope === scope && notice.handle === handle)
  const answers = inAnswers(
    placed.path,
    notices.map((notice) => notice.change),
  )
  const step = area.view.getUint32(STATE)
  const answer = answers[step]
  if (answer === undefined) return [PARAMETER_ERROR]
  const last = step === answers.length - 1
  area.bytes.fill(0, STATE)
  area.view.setUint32(STATE, last ? 0 : step + 1)
  area.view.setUint32(COUNT, answer.count)
  area.bytes.set(answer.bytes, DESCRIPTORS)
  if (last) state.propertyNotices = state.propertyNotices.filter((notice) => !notices.includes(notice))
  return [last ? SUCCESS : MORE]
}

function inAnswers(path: string, changes: readonly PropertyChange[]): Answer[] {
  let answer: Answer = { bytes: descriptor('', path.length + 1, stringValue(path)), count: 1 }
  const answers = [answer]
  for (const change of changes) {
    const least = descriptor(change.name, 0).length + (change.kind === 'set' ? 1 : 0)
    if (least > ROOM - answer.bytes.length) next()
    if (change.kind === 'set') appendValue(change.name, change.value, change.pieceSize ?? Infinity)
    else append(descriptor(change.name, change.kind === 'remove' ? REMOVED : 0))
  }
  return answers

  function appendValue(name: string, value: Uint8Array, pieceSize: number): void {
    let rest = value
    for (;;) {
      const room = ROOM - answer.bytes.length - descriptor(name, 0).length
      const length = Math.min(rest.length, room, pieceSize)
      const more = length < rest.length
      append(descriptor(name, more ? -length : length, rest.subarray(0, length)))
      if (!more) return
      rest = rest.subarray(length)
      next()
    }
  }

  function append(bytes: Uint8Array): void {
    answer.bytes = joined(answer.bytes, bytes)
    answer.count++
  }

  function next(): void {
    answer = { bytes: new Uint8Array(), count: 0 }
    answers.push(answer)
  }
}

function descriptor(name: string, length: number, value: Uint8Array = new Uint8Array()): Uint8Array {
  const word = new Uint8Array(4)
  viewOf(word).setInt32(0, length)
  // An empty name consists of its terminator alone.
  return joined(stringValue(name), word, value)
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
