// SPDX-License-Identifier: GPL-2.0-only
import type { ReplayedStep } from '../facts.ts'
import type { RecordedStep } from '../recording.ts'
import { poisonIn } from './poison.ts'
import { asText, type Section } from './section.ts'

/** Compares the sysfs content of a dump: directories, files, drivers, services. Each entry is a fact. */
export function compareFiles(recorded: RecordedStep, replayed: ReplayedStep, section: Section): void {
  const sorted = (paths: readonly string[]): string[] => [...paths].sort()
  section.sequence('device tree', sorted(recorded.device_tree), sorted(replayed.device_tree), asText)
  for (const device of keysOf(recorded.sysfs, replayed.sysfs))
    compareDevice(device, recorded, replayed, section)
  for (const driver of keysOf(recorded.drivers, replayed.drivers)) {
    section.fact('drivers', driver, listed(recorded.drivers[driver]), listed(replayed.drivers[driver]))
  }
  for (const name of keysOf(recorded.misc, replayed.misc)) {
    section.fact('misc', name, quoted(recorded.misc[name]), quoted(replayed.misc[name]))
  }
}

function compareDevice(
  device: string,
  recorded: RecordedStep,
  replayed: ReplayedStep,
  section: Section,
): void {
  const inFreedMemory = recorded.vio.some(({ dev, vio_name }) => dev === device && vio_name === freedName)
  const row = recorded.sysfs[device] ?? {}
  const replayedRow = replayed.sysfs[device] ?? {}
  for (const file of keysOf(row, replayedRow)) {
    const isFreed = inFreedMemory && file === 'name'
    const [a, b] = isFreed
      ? [poisonOf(row[file]), poisonOf(replayedRow[file])]
      : [row[file], replayedRow[file]]
    if (isFreed && a === undefined) section.skip('freed-text')
    else section.fact('sysfs', `${device}/${file}`, quoted(a), quoted(b))
  }
}

function poisonOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : poisonIn(text)
}

/** The observer's placeholder for a name in freed memory, which the observer does not read. */
const freedName = '<in freed memory>'

function keysOf(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()
}

function quoted(text: string | undefined): string {
  return text === undefined ? '-' : JSON.stringify(text)
}

function listed(names: readonly string[] | undefined): string {
  return names === undefined ? '-' : `[${[...names].sort().join(', ')}]`
}
