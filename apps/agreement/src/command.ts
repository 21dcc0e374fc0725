// SPDX-License-Identifier: GPL-2.0-only
import {
  allAgree,
  FIXTURES,
  formatAgreement,
  formatMarkdown,
  readRecordings,
  RecordingError,
} from '@pfo-workbench/conformance'
import { kernel } from '@pfo-workbench/engine-models'
import { VariantError } from '@pfo-workbench/variant'
import { Command, CommanderError } from 'commander'
import { byVariant, Replayer } from './replay.ts'

/** Exit codes: all agree, something differs, bad input, a fault of the machine or ours. */
const AGREES = 0
const DIFFERS = 1
const BAD_INPUT = 2
const FAULT = 3

/** Where the command writes. */
export interface Output {
  readonly stdout: (text: string) => unknown
  readonly stderr: (text: string) => unknown
}

interface Options {
  readonly recordings: string
  readonly markdown?: true
}

function makeProgram({ stdout, stderr }: Output): Command {
  return new Command('agreement')
    .description(`Replays recordings of a real ${kernel} kernel on the models and says where they agree`)
    .option('--recordings <dir>', 'folder of recordings, such as <variant>/<scenario>.jsonl', FIXTURES)
    .option('--markdown', 'print the table by variant, as the READMEs have it; differences go to stderr')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: stdout, writeErr: stderr })
    .showHelpAfterError('(--help lists the options)')
    .addHelpText('after', helpOnUse)
}

const helpOnUse = `
A recording says itself of which variant it is: "base" for the unpatched kernel, or ids of shipped patches
joined by "+" in the order in which they are applied.

Examples:
  npm run agreement
  npm run agreement -- --recordings DIR
  npm run --silent agreement -- --markdown

Exit codes: 0 everything agrees, 1 something differs or could not be replayed, 2 bad input,
3 nothing could be replayed on this machine, or a fault of the workbench.`

/**
 * The whole command.
 *
 * @param args - the command line, without program and script
 * @returns the exit code
 */
export async function agreementCommand(args: readonly string[], output: Output): Promise<number> {
  try {
    const options = makeProgram(output).parse(args, { from: 'user' }).opts<Options>()
    return await agree(options, output)
  } catch (fault) {
    // Commander has said what is wrong; help is no fault.
    if (fault instanceof CommanderError) return fault.exitCode === 0 ? AGREES : BAD_INPUT
    // Variants that cannot be built at all are the machine's fault, and the message says what it lacks.
    const isClear = fault instanceof RecordingError || fault instanceof VariantError
    const stack = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
    output.stderr(`agreement: ${isClear ? fault.message : `internal error, please report it:\n${stack}`}\n`)
    return fault instanceof RecordingError ? BAD_INPUT : FAULT
  }
}

async function agree({ recordings, markdown }: Options, { stdout, stderr }: Output): Promise<number> {
  const folder = readRecordings(recordings)
  const { variants, unknown } = byVariant(folder.recordings)
  const replayer = await Replayer.create()
  try {
    const agreements = await replayer.replayAll(variants)
    const comparisons = agreements.flatMap((one) => one.comparisons)
    const notReplayed = [...agreements.flatMap((one) => one.notReplayed), ...unknown, ...folder.notReplayed]
    const agrees = allAgree(comparisons, notReplayed)
    const full = formatAgreement(comparisons, notReplayed)
    if (markdown !== true) stdout(full)
    else {
      stdout(formatMarkdown(comparisons))
      if (!agrees) stderr(full)
    }
    return agrees ? AGREES : DIFFERS
  } finally {
    await replayer.dispose()
  }
}
