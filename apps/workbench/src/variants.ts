// SPDX-License-Identifier: GPL-2.0-only
import { baselineId, baselineOf, stackOfFile, stackOfId, type Stack } from '@pfo-workbench/compare'
import { suggestion } from '@pfo-workbench/input'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Engine } from '@pfo-workbench/run'
import { UsageError } from './errors.ts'
import { isPatchFile as isKernelPatch } from './kernel/c-engine.ts'
import { patchFolder, shippedPatchIds } from './shipped.ts'

/** Whether a word on the command line means a patch file rather than shipped patches. */
export function isPatchFile(word: string): boolean {
  return word.endsWith('.patch') || word.includes('/')
}

/**
 * Makes sure that a word which an option with many values took is none that was meant for the command.
 *
 * @throws UsageError for a patch file
 */
export function checkSwallowed(option: string, word: string): void {
  if (!word.endsWith('.patch')) return
  throw new UsageError(
    `"${word}" is a patch file, and ${option} takes every word that follows it: name patch files first, or put "--" before them`,
  )
}

/**
 * Makes sure that a patch of this id comes with the workbench.
 *
 * @param accepted - what could stand in its place, for the message
 * @param others - words beside the ids that may have been meant
 * @throws UsageError if there is none
 */
export function checkShipped(id: string, accepted: string, others: readonly string[] = []): void {
  const known = shippedPatchIds()
  if (known.includes(id)) return
  throw new UsageError(
    `there is no patch "${id}".${suggestion(id, [...known, ...others])} Accepted: ${accepted}`,
  )
}

/** @throws UsageError for what is no file */
function chooseKernelVariant(word: string, engine: Engine<PatchSeries>): Stack {
  if (isKernelPatch(word)) return stackOfFile(word, engine)
  const isShipped = word.split('+').every((id) => shippedPatchIds().includes(id))
  const why = isShipped
    ? `"${word}" is for the models and has no form in C`
    : `there is no patch file "${word}"`
  throw new UsageError(`${why}. Accepted with --kernel: "unpatched", or a file with a C patch`)
}

/**
 * The variant that a word on the command line means: `baseline`, shipped patches (`a`, `a+b`), or a patch file.
 *
 * @throws UsageError when it means none
 */
export function chooseVariant(word: string, engine: Engine<PatchSeries>): Stack {
  if (word === baselineId || word === 'unpatched') return baselineOf(engine)
  if (engine.id === 'c') return chooseKernelVariant(word, engine)
  if (isPatchFile(word)) return stackOfFile(word, engine)
  const ids = word.split('+')
  const accepted = `"${baselineId}", ids of shipped patches joined by "+" ("pfo list patches" names them), or a patch file`
  for (const id of ids) checkShipped(id, accepted, ids.length === 1 ? [baselineId] : [])
  return stackOfId(patchFolder, word, engine)
}
