// SPDX-License-Identifier: GPL-2.0-only
import { InputError } from '@pfo-workbench/errors'
import type { Engine } from '@pfo-workbench/run'
import type { ExaminedRun } from './examined-schema.ts'
import type { PlayedVariant } from './player.ts'

/** The unpatched kernel boots in none of the scenarios, so patches cannot be compared with it. */
export class BootError extends InputError {
  override readonly name = 'BootError'
}

/** Number of functions of the call chain that the message names. */
const namedFunctions = 6

function endOf({ outcome, unmodelled, findings, console }: ExaminedRun): string {
  const chain = unmodelled?.chain ?? findings[0]?.evidence[0]?.chain ?? []
  const names = chain.slice(0, namedFunctions).map((frame) => frame.function)
  const where = names.length === 0 ? '' : ` (in ${names.join(' < ')})`
  if (unmodelled !== null)
    return `it calls ${unmodelled.function}(), which the engine does not implement${where}`
  if (outcome === 'unmodelled') return `the machine runs out of memory${where}`
  const line = console.find((one) => /^(?:BUG|Oops|Kernel panic|INFO: task)/.test(one)) ?? console.at(-1)
  return `its console ends with "${line ?? ''}"${where}`
}

const hasBooted = ({ steps: [first] }: ExaminedRun): boolean =>
  first?.result.kind !== 'boot' || first.result.outcome === 'completed'

/** Checks that the unpatched kernel boots. @throws BootError if all its runs end during boot */
export function checkUnpatchedBoots(
  { kernel }: Pick<Engine<never>, 'kernel'>,
  { runs }: PlayedVariant,
): void {
  const known = [...runs.values()].filter((run) => run !== null)
  const [first] = known
  if (first === undefined || known.some(hasBooted)) return
  throw new BootError(
    `${kernel} does not boot without a patch: ${endOf(first)}. This is not the fault of a patch. Please report this kernel`,
  )
}
