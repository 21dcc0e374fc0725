// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import {
  allAgree,
  fixturesFolder,
  fixturesOf,
  formatAgreement,
  formatMarkdown,
  readRecordings,
  RecordingError,
} from '@pfo-workbench/conformance'
import { modelledKernel } from '@pfo-workbench/engine-models'
import { TemporaryFolderError } from '@pfo-workbench/process'
import { VariantError } from '@pfo-workbench/variant'
import { ClangError, findClang } from '@pfo-workbench/clang'
import { cacheFolder } from '@pfo-workbench/compare'
import { KbuildError } from '@pfo-workbench/kbuild'
import { KernelTreeError, openKernelTree } from '@pfo-workbench/kernel-tree'
import { Command, CommanderError } from 'commander'
import { replayOnKernel } from './kernel/kernel-replayer.ts'
import { byVariant, Replayer } from './replay.ts'

/** Exit codes. `exitFault`: a fault of the machine or of the workbench. */
const exitAgrees = 0
const exitDiffers = 1
const exitBadInput = 2
const exitFault = 3

/** Output streams of the command. */
export interface Output {
  readonly stdout: (text: string) => unknown
  readonly stderr: (text: string) => unknown
}

interface Options {
  readonly recordings?: string
  readonly markdown?: true
  readonly kernel?: string
  readonly patches?: string
}

function makeProgram({ stdout, stderr }: Output): Command {
  return new Command('agreement')
    .description(
      `Replays recordings of a real ${modelledKernel} kernel on the models and reports the facts that agree`,
    )
    .option(
      '--recordings <dir>',
      'folder of recordings, such as <variant>/<scenario>.jsonl (default: those that come with the workbench)',
    )
    .option('--kernel <tree>', "replays on this kernel's own C instead of the models; needs clang")
    .option(
      '--patches <dir>',
      'with --kernel: folder of the patches that recordings name, a.patch and b.patch for "a+b"',
    )
    .option(
      '--markdown',
      'print the table by variant in Markdown, as in the READMEs; differences go to stderr',
    )
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: stdout, writeErr: stderr })
    .showHelpAfterError('(--help lists the options)')
    .addHelpText('after', helpOnUse)
}

const helpOnUse = `
Each recording names its variant: "base" for the unpatched kernel, or ids of shipped patches
joined by "+" in the order in which they are applied. With --kernel, "base" or "stock" is the tree as it is, and
the patches are C.

Examples:
  npm run agreement
  npm run agreement -- --recordings DIR
  npm run --silent agreement -- --markdown
  npm run agreement -- --kernel ~/linux@TAG
  npm run agreement -- --kernel ~/linux@TAG --patches DIR --recordings DIR

Exit codes: 0 everything agrees, 1 something differs or could not be replayed, 2 bad input,
3 nothing could be replayed on this machine, or a fault of the workbench.`

/**
 * Runs the command.
 *
 * @param args - command line without program and script
 * @returns the exit code
 */
export async function agreementCommand(args: readonly string[], output: Output): Promise<number> {
  try {
    const options = makeProgram(output).parse(args, { from: 'user' }).opts<Options>()
    return await agree(options, output)
  } catch (fault) {
    // Commander has already printed its message. A request for help is not an error.
    if (fault instanceof CommanderError) return fault.exitCode === 0 ? exitAgrees : exitBadInput
    // These errors have complete messages. If no variant can be built, the machine is at fault, not the input.
    const isInput = fault instanceof RecordingError || fault instanceof KernelTreeError
    const isClear =
      isInput ||
      [VariantError, TemporaryFolderError, ClangError, KbuildError].some((kind) => fault instanceof kind)
    const stack = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
    output.stderr(
      `agreement: ${isClear && fault instanceof Error ? fault.message : `internal error, please report it:\n${stack}`}\n`,
    )
    return isInput ? exitBadInput : exitFault
  }
}

async function agree(options: Options, output: Output): Promise<number> {
  const { recordings = fixturesFolder, markdown, kernel } = options
  if (kernel === undefined && options.patches !== undefined) {
    output.stderr('agreement: --patches needs --kernel TREE: the models have the shipped patches already\n')
    return exitBadInput
  }
  if (kernel !== undefined) return agreeInC({ ...options, kernel }, output)
  const folder = readRecordings(recordings)
  const { variants, unknown } = byVariant(folder.recordings)
  const replayer = await Replayer.create()
  try {
    const agreements = await replayer.replayAll(variants)
    const comparisons = agreements.flatMap((one) => one.comparisons)
    const notReplayed = [...agreements.flatMap((one) => one.notReplayed), ...unknown, ...folder.notReplayed]
    const full = formatAgreement(comparisons, notReplayed)
    return print({ comparisons, agrees: allAgree(comparisons, notReplayed), full, markdown }, output)
  } finally {
    await replayer.dispose()
  }
}

/**
 * Prints the full agreement. With `markdown`, prints the table to stdout, and the full agreement to stderr if anything
 * differs. Returns the exit code.
 */
function print(
  {
    comparisons,
    agrees,
    full,
    markdown = false,
  }: {
    readonly comparisons: Parameters<typeof formatMarkdown>[0]
    readonly agrees: boolean
    readonly full: string
    readonly markdown: boolean | undefined
  },
  { stdout, stderr }: Output,
): number {
  stdout(markdown ? formatMarkdown(comparisons) : full)
  if (markdown && !agrees) stderr(full)
  return agrees ? exitAgrees : exitDiffers
}

/** Replays on a kernel's own C code. Prints progress to stderr, because the replay takes minutes. */
async function agreeInC(
  { kernel, patches, recordings, markdown }: Options & { readonly kernel: string },
  output: Output,
): Promise<number> {
  const { stderr } = output
  const cache = join(cacheFolder(process.env), 'kernel')
  const tree = await openKernelTree(kernel, { cacheFolder: cache })
  try {
    for (const note of tree.notes) stderr(`agreement: ${note}\n`)
    const given = recordings ?? fixturesOf(tree.version)
    if (given === null) {
      stderr(
        `agreement: no recordings of ${tree.title} come with the workbench; --recordings names a folder\n`,
      )
      return exitBadInput
    }
    const folder = readRecordings(given)
    const onProgress = (text: string): unknown => stderr(`agreement: ${text}\n`)
    const agreements = await replayOnKernel(folder.recordings, {
      tree,
      cacheFolder: cache,
      compiler: await findClang({ env: process.env }),
      patches: patches ?? null,
      onProgress,
    })
    const comparisons = agreements.flatMap((one) => one.comparisons)
    const failed = [...agreements.flatMap((one) => one.notReplayed), ...folder.notReplayed]
    const full = `${tree.title}\n\n${formatAgreement(comparisons, failed, true)}`
    return print({ comparisons, agrees: allAgree(comparisons, failed), full, markdown }, output)
  } finally {
    await tree.dispose()
  }
}
