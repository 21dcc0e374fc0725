// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { unpatchedId, unpatchedStack, loadPatch, stackOfPatches, type Stack } from '@pfo-workbench/compare'
import { suggestion } from '@pfo-workbench/input'
import { eachPatch, idOfSubject, type PatchSeries } from '@pfo-workbench/patch'
import { inputsOf, patchName, standardInput } from '@pfo-workbench/patch/files'
import type { Engine } from '@pfo-workbench/run'
import { isCEngine } from './kernel/is-c-engine.ts'
import { UsageError } from './usage-error.ts'
import { readOnce } from './read-once.ts'
import { patchFolder, shippedPatchIds } from './shipped.ts'

type StackPatch = Stack['patches'][number]

/** Names of the unpatched kernel on the command line. */
const unpatchedNames: readonly string[] = [unpatchedId, 'unpatched']

const accepted = `"unpatched", ids of shipped patches ("pfo list patches" names them), patch files (a path with "/", or a name that ends in .patch, .diff, .mbox, .mbx or .eml), folders of them, "-" for stdin, and stacks of these joined by "+"`

/** Explains how to save a mail from the list as a file. */
const howToDownload =
  'pfo does not download mails. Accepted: the output of "b4 am -o - ADDRESS", or the page ADDRESS/raw of lore.kernel.org saved to a file'

/** True if an argument means a patch file, not a shipped patch. */
function isPatchFile(argument: string): boolean {
  return argument === standardInput || argument.includes('/') || patchName.test(argument)
}

/**
 * Detects an argument that an option with many values took although it was meant for the command.
 *
 * @throws UsageError for a patch file
 */
export function checkSwallowed(option: string, argument: string): void {
  if (!patchName.test(argument)) return
  throw new UsageError(
    `"${argument}" is a patch file, and ${option} takes every argument that follows it: name patch files first, or put "--" before them`,
  )
}

/** @throws UsageError if there is no shipped patch with this id */
function checkShipped(id: string): void {
  const known = shippedPatchIds()
  if (known.includes(id)) return
  if (id === '')
    throw new UsageError(`an argument is empty, or begins or ends with "+". Accepted: ${accepted}`)
  const file = existsSync(id) ? ` There is a file of this name: ./${id} means it.` : ''
  const hint = file === '' ? suggestion(id, [...known, ...unpatchedNames]) : file
  const rest = hint === '' ? ` Accepted: ${accepted}` : `${hint} ("pfo list patches" names all)`
  throw new UsageError(`there is no patch "${id}".${rest}`)
}

/**
 * The id of a patch file: its name without the extension. A pipe has no name, so a mail from a pipe is named after its
 * subject, and any other patch from a pipe is named `stdin`.
 */
function idOf(input: string, { patches: [first] }: PatchSeries): string {
  const name = input.slice(input.lastIndexOf('/') + 1)
  if (input === standardInput || /^\d+$/.test(name))
    return first === undefined || first.mail === null ? 'stdin' : idOfSubject(first)
  // "+" separates the patches of a stack.
  return name.replace(patchName, '').replaceAll('+', '-')
}

/** Options for reading arguments of the command line. */
export interface ArgumentOptions {
  readonly engine: Engine<PatchSeries>
  /** Treat each patch of a file with several patches separately. */
  readonly each?: boolean
  /** Receives messages about parts that were skipped. */
  readonly say?: (message: string) => void
}

async function readFile(
  input: string,
  { engine, each = false, say }: ArgumentOptions,
): Promise<StackPatch[]> {
  if (input === standardInput && process.stdin.isTTY)
    say?.('reading a patch from the terminal; Ctrl-D on a line of its own ends it')
  const source = input === standardInput ? 'stdin' : input
  const series = engine.readPatch(await readOnce(input), source)
  for (const { why, subject, mail } of series.skipped) {
    const what = why === 'cover-letter' ? 'the cover letter' : 'a mail without a patch of its own'
    say?.(`${source}: ${what} "${mail?.subject ?? subject}" was skipped`)
  }
  if (!each || series.patches.length < 2) return [{ id: idOf(input, series), series }]
  return eachPatch(series).map((one) => ({
    id: one.patches[0] === undefined ? source : idOfSubject(one.patches[0]),
    series: one,
  }))
}

/** @throws UsageError if a part is the address of a page */
function refuseAddress(part: string): void {
  if (/^https?:/.test(part)) throw new UsageError(`${part}: ${howToDownload}`)
}

/** The patches that a part of an argument stands for, in order. */
async function patchesOf(part: string, options: ArgumentOptions): Promise<StackPatch[]> {
  if (!isPatchFile(part)) {
    if (isCEngine(options.engine)) {
      const { portedPatch } = await import('./kernel/port-command.ts')
      return [await portedPatch(options.engine, part)]
    }
    checkShipped(part)
    return [loadPatch(join(patchFolder, `${part}.patch`), options.engine)]
  }
  refuseAddress(part)
  const read: StackPatch[] = []
  for (const input of await inputsOf(part)) read.push(...(await readFile(input, options)))
  return read
}

/** Splits an argument into the parts of a stack. The name of an existing file may contain "+". */
function partsOf(argument: string): string[] {
  return isPatchFile(argument) && existsSync(argument) ? [argument] : argument.split('+')
}

/** The ids of shipped patches among the arguments. */
export function idsOfArguments(patchArguments: readonly string[]): string[] {
  const known = patchArguments.filter((argument) => !unpatchedNames.includes(argument))
  return known.flatMap(partsOf).filter((part) => !isPatchFile(part))
}

/** The files and pipes that the arguments stand for. @throws UsageError for a web address (http, https) */
export async function inputsOfArguments(patchArguments: readonly string[]): Promise<string[]> {
  const files = patchArguments.flatMap(partsOf).filter(isPatchFile)
  files.forEach(refuseAddress)
  return (await Promise.all(files.map(inputsOf))).flat()
}

/**
 * The variants that an argument stands for. With `each`, an argument that is not a stack has one variant per patch of
 * the file, folder or series. Otherwise there is one variant.
 *
 * @throws UsageError, PatchError if the argument stands for nothing, or if a patch cannot be read
 */
export async function stacksOf(argument: string, options: ArgumentOptions): Promise<Stack[]> {
  if (unpatchedNames.includes(argument)) return [unpatchedStack(options.engine)]
  const parts = partsOf(argument)
  const patches: StackPatch[] = []
  for (const part of parts) patches.push(...(await patchesOf(part, options)))
  return options.each === true && parts.length === 1
    ? patches.map((one) => stackOfPatches([one]))
    : [stackOfPatches(patches)]
}

/** The patches that the arguments stand for. @throws UsageError, PatchError */
export async function patchesOfArguments(
  patchArguments: readonly string[],
  options: ArgumentOptions,
): Promise<StackPatch[]> {
  const patches: StackPatch[] = []
  for (const argument of patchArguments)
    for (const part of partsOf(argument)) patches.push(...(await patchesOf(part, options)))
  return patches
}

/**
 * The variant that an argument stands for.
 *
 * @throws UsageError, PatchError if the argument stands for nothing, or if a patch cannot be read
 */
export async function chooseVariant(argument: string, engine: Engine<PatchSeries>): Promise<Stack> {
  const [stack] = await stacksOf(argument, { engine })
  if (stack === undefined) throw new UsageError(`"${argument}" has no patch. Accepted: ${accepted}`)
  return stack
}
