// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { InputError, messageOf } from '@pfo-workbench/errors'
import { parseYaml, readRegularFile } from '@pfo-workbench/input'
import { patchId, patchLimits, type PatchSeries } from '@pfo-workbench/patch'
import type { Engine, Stack as AnyStack } from '@pfo-workbench/run'
import { z } from 'zod'

/** A series file or a patch file is unusable; the message says where and why. */
export class StackError extends InputError {
  override readonly name = 'StackError'
}

/** A stack of patches to compare, in order of application. */
export type Stack = AnyStack<PatchSeries>

/** Reads patch files. Each engine implements it, because the engine determines which paths patches may change. */
export type PatchReader = Pick<Engine<PatchSeries>, 'readPatch'>

/** Id of the unpatched kernel. It cannot change, because JSON documents contain it. */
export const unpatchedId = 'baseline'

/** The unpatched kernel of an engine. */
export function unpatchedStack({ unpatched }: Pick<Engine<PatchSeries>, 'unpatched'>): Stack {
  return { id: unpatchedId, title: unpatched, patches: [] }
}

/** Maximum size of a series file, in bytes. */
const maxStacksFileBytes = 256 * 1024

/**
 * Reads at most one byte more than allowed. The additional byte shows that a file is too long.
 *
 * @throws StackError if the file cannot be read
 */
function readBytes(file: string, what: string, maxBytes: number): Buffer {
  try {
    return readRegularFile(file, maxBytes + 1)
  } catch (cause) {
    const reason = messageOf(cause)
    throw new StackError(`${file}: the ${what} cannot be read: ${reason}`, { cause })
  }
}

/**
 * Reads a patch file. It must be a regular file: a pipe may never end.
 *
 * @throws StackError if the file cannot be read, or if its name contains "+"
 * @throws PatchError if its content is not a patch that the engine accepts
 */
export function loadPatch(file: string, reader: PatchReader): { id: string; series: PatchSeries } {
  const id = patchId(file)
  if (id.includes('+')) {
    throw new StackError(
      `${file}: the name contains "+", which joins the patches of a stack. Accepted: a name without "+", such as ${id.replaceAll('+', '-')}.patch`,
    )
  }
  return { id, series: reader.readPatch(readBytes(file, 'patch', patchLimits.bytes), file) }
}

/** Makes a variant from one patch file. */
export function stackOfFile(file: string, reader: PatchReader): Stack {
  return makeStack([loadPatch(file, reader)], undefined)
}

/**
 * Makes a stack from patches that are already read; without patches, it is the unpatched kernel.
 *
 * @throws StackError if two patches have the same id
 */
export function stackOfPatches(patches: Stack['patches']): Stack {
  return patches.length === 0
    ? { id: unpatchedId, title: 'unpatched', patches }
    : makeStack(patches, undefined)
}

/** Returns a key that is equal for stacks of the same patch files in the same order, whatever their titles. */
export function stackKey({ patches }: Stack): string {
  return JSON.stringify(patches.map(({ id, series }) => [id, series.source]))
}

/** True if two patches change a common file. */
export function haveCommonFile(a: Stack['patches'][number], b: Stack['patches'][number]): boolean {
  const files = ({ series }: Stack['patches'][number]): string[] =>
    series.patches.flatMap((patch) => patch.files.flatMap(({ path, oldPath }) => [path, oldPath ?? path]))
  const own = new Set(files(a))
  return files(b).some((path) => own.has(path))
}

function makeStack(
  patches: readonly { id: string; series: PatchSeries }[],
  title: string | undefined,
): Stack {
  const ids = patches.map((patch) => patch.id)
  const twice = ids.find((id, index) => ids.indexOf(id) < index)
  if (twice !== undefined) throw new StackError(`"${twice}" appears twice in the stack ${ids.join('+')}`)
  return {
    id: ids.join('+'),
    title: title ?? patches.map(({ series }) => series.patches[0]?.subject ?? '').join('; '),
    patches,
  }
}

/** True if the folder has a patch with this id. */
function hasPatch(folder: string, id: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(id) && existsSync(resolve(folder, `${id}.patch`))
}

/** Reads the patches with these ids from the folder of a series. */
function patchesOfIds(
  folder: string,
  ids: readonly string[],
  reader: PatchReader,
): { id: string; series: PatchSeries }[] {
  return ids.map((id) => loadPatch(resolve(folder, `${id}.patch`), reader))
}

/**
 * Makes a stack from its id (`a+b`), with the patches of a folder.
 *
 * @throws StackError if a patch does not exist or cannot be read, or if the id names it twice
 * @throws PatchError if the content of a patch file is not a patch that the engine accepts
 */
export function stackOfId(
  folder: string,
  id: string,
  engine: PatchReader & Pick<Engine<PatchSeries>, 'unpatched'>,
): Stack {
  if (id === unpatchedId) return unpatchedStack(engine)
  const ids = id.split('+')
  for (const one of ids) {
    if (!hasPatch(folder, one)) {
      throw new StackError(`there is no patch "${one}" in ${folder}; "pfo list patches" lists the patches`)
    }
  }
  return makeStack(patchesOfIds(folder, ids, engine), undefined)
}

/** Schema of a series file next to the patches of a folder. */
function seriesSchema(folder: string): z.ZodType<{ stacks: { patches: string[]; title?: string }[] }> {
  const patch = z.string().refine((id) => hasPatch(folder, id), {
    error: ({ input }) => `there is no ${String(input)}.patch next to the series file`,
  })
  return z.strictObject({
    stacks: z
      .array(
        z.strictObject({
          patches: z
            .array(patch)
            .nonempty('must name at least one patch')
            .refine((ids) => new Set(ids).size === ids.length, 'must name each patch once')
            .describe('Patch ids, in the order of application'),
          title: z.string().min(1, 'must not be empty').exactOptional(),
        }),
      )
      .nonempty('must name at least one stack'),
  })
}

/**
 * Reads a series file, which names the stacks to compare. The patches are in the same folder.
 *
 * @param file - `series.yaml`
 * @throws StackError if the file cannot be read or has an error; the message names file and line, if known
 * @throws PatchError if the content of a patch file is not a patch that the engine accepts
 */
export function loadStacks(file: string, reader: PatchReader): Stack[] {
  const bytes = readBytes(file, 'series file', maxStacksFileBytes)
  if (bytes.length > maxStacksFileBytes)
    throw new StackError(
      `${file}: the series file is too long: at most ${String(maxStacksFileBytes)} bytes are read`,
    )
  const text = bytes.toString('utf8')
  const folder = dirname(resolve(file))
  const { stacks } = parseYaml(text, file, seriesSchema(folder), (message) => new StackError(message))
  return stacks.map(({ patches, title }) => makeStack(patchesOfIds(folder, patches, reader), title))
}

/**
 * Checks that the stacks of a comparison have distinct ids.
 *
 * @throws StackError if two stacks have the same id, or if an id is empty or that of the unpatched kernel
 */
export function checkIds(stacks: readonly Stack[]): void {
  const seen = new Set<string>()
  for (const { id } of stacks) {
    if (id === unpatchedId || id === '') {
      throw new StackError(
        `a patch file cannot be named "${id}.patch": a variant is named after its file, and "${unpatchedId}" is the unpatched kernel`,
      )
    }
    if (seen.has(id))
      throw new StackError(`"${id}" is given twice: variants are named after their patch files`)
    seen.add(id)
  }
}
