// SPDX-License-Identifier: GPL-2.0-only
import { availableParallelism } from 'node:os'
import { SeriesError } from '@pfo-workbench/compare'
import {
  allAgree,
  FIXTURES,
  formatAgreement,
  readRecordings,
  RecordingError,
  type Recording,
} from '@pfo-workbench/conformance'
import { Command } from 'commander'
import pMap from 'p-map'
import { Replayer } from './replay.ts'

/** Exit codes: all agree, something differs, bad input. */
const DIFFERS = 1
const BAD_INPUT = 2

const program = new Command('agreement')
  .description('Replays recordings of a real v4.18 kernel on the models and says where they agree')
  .option('--recordings <dir>', 'folder of recordings, <variant>/<scenario>.jsonl', FIXTURES)
  .addHelpText('after', '\nExit codes: 0 everything agrees, 1 something differs, 2 bad input.')
  .parse()

function byVariant(recordings: readonly Recording[]): [string, Recording[]][] {
  const groups = new Map<string, Recording[]>()
  for (const recording of recordings) {
    const group = groups.get(recording.variant)
    if (group === undefined) groups.set(recording.variant, [recording])
    else group.push(recording)
  }
  return [...groups]
}

try {
  const variants = byVariant(readRecordings(program.opts<{ recordings: string }>().recordings))
  const replayer = await Replayer.create()
  try {
    const agreements = await pMap(variants, ([variant, recordings]) => replayer.replay(variant, recordings), {
      concurrency: availableParallelism(),
    })
    const comparisons = agreements.flatMap((one) => one.comparisons)
    const notReplayed = agreements.flatMap((one) => one.notReplayed)
    process.stdout.write(formatAgreement(comparisons, notReplayed))
    process.exitCode = allAgree(comparisons, notReplayed) ? 0 : DIFFERS
  } finally {
    await replayer.dispose()
  }
} catch (fault) {
  if (!(fault instanceof RecordingError || fault instanceof SeriesError)) throw fault
  process.stderr.write(`agreement: ${fault.message}\n`)
  process.exitCode = BAD_INPUT
}
