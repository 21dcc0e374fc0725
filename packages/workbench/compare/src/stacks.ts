// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseYaml, readRegularFile } from '@pfo-workbench/input'
import { patchId, patchLimits, type PatchSeries } from '@pfo-workbench/patch'
import type { Engine, Stack as AnyStack } from '@pfo-workbench/run'
import { z } from 'zod'

/** A series file or a patch file cannot be used; the message says where and why. */
export class SeriesError extends Error {
  override readonly name = 'SeriesError'
}

/** A stack of patches to be compared: the patches in the order in which they are applied. */
export type Stack = AnyStack<PatchSeries>

/** What reads patch files: an engine, which says which paths they may touch. */
export type PatchReader = Pick<Engine<PatchSeries>, 'readPatch'>

/** Id of the unpatched kernel. */
export const baselineId = 'baseline'

/** The unpatched kernel of an engine. */
export function baselineOf({ unpatched }: Pick<Engine<PatchSeries>, 'unpatched'>): Stack {
  return { id: baselineId, title: unpatched, patches: [] }
}

/** Bytes that a series file may have at most. */
const mostOfSeries = 256 * 1024

/** What is one byte longer than it may be is refused, so no more of it is read, whatever it is. */
function readBytes(file: string, what: string, most: number): Buffer {
  try {
    return readRegularFile(file, most + 1)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new SeriesError(`${file}: the ${what} cannot be read: ${reason}`, { cause })
  }
}

/** Reads a patch file, which is a regular file: a pipe may never end. @throws PatchError, SeriesError */
export function loadPatch(file: string, reader: PatchReader): { id: string; series: PatchSeries } {
  const id = patchId(file)
  if (id.includes('+')) {
    throw new SeriesError(
      `${file}: the name has a "+", which joins the patches of a stack. Accepted: a patch file of another name, such as ${id.replaceAll('+', '-')}.patch`,
    )
  }
  return { id, series: reader.readPatch(readBytes(file, 'patch', patchLimits.bytes), file) }
}

/** A patch file as a variant of its own. */
export function stackOfFile(file: string, reader: PatchReader): Stack {
  return makeStack([loadPatch(file, reader)], undefined)
}

/** A stack of patches that were read before; of none, the unpatched kernel. */
export function stackOfPatches(patches: Stack['patches']): Stack {
  return patches.length === 0
    ? { id: baselineId, title: 'unpatched', patches }
    : makeStack(patches, undefined)
}

/** The same for stacks of the same patch files in the same order, whatever they are called. */
export function stackKey({ patches }: Stack): string {
  return JSON.stringify(patches.map(({ id, series }) => [id, series.source]))
}

/** Whether two patches change a file in common. */
export function sharedFiles(a: Stack['patches'][number], b: Stack['patches'][number]): boolean {
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
  if (twice !== undefined) throw new SeriesError(`"${twice}" is twice in the stack ${ids.join('+')}`)
  return {
    id: ids.join('+'),
    title: title ?? patches.map(({ series }) => series.patches[0]?.subject ?? '').join('; '),
    patches,
  }
}

/** Whether a folder has the patch of this id. */
function hasPatch(folder: string, id: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(id) && existsSync(resolve(folder, `${id}.patch`))
}

/** The patches of these ids, from the folder of a series. */
function patchesOfIds(
  folder: string,
  ids: readonly string[],
  reader: PatchReader,
): { id: string; series: PatchSeries }[] {
  return ids.map((id) => loadPatch(resolve(folder, `${id}.patch`), reader))
}

/**
 * A stack by its id (`a+b`), its patches from a folder.
 *
 * @throws SeriesError when a patch is not there
 */
export function stackOfId(
  folder: string,
  id: string,
  engine: PatchReader & Pick<Engine<PatchSeries>, 'unpatched'>,
): Stack {
  if (id === baselineId) return baselineOf(engine)
  const ids = id.split('+')
  for (const one of ids) {
    if (!hasPatch(folder, one)) {
      throw new SeriesError(`"${one}" is no patch of ${folder}; "pfo list patches" names them`)
    }
  }
  return makeStack(patchesOfIds(folder, ids, engine), undefined)
}

/** What a series file beside the patches of a folder may hold. */
function seriesSchema(folder: string): z.ZodType<{ stacks: { patches: string[]; title?: string }[] }> {
  const patch = z.string().refine((id) => hasPatch(folder, id), {
    error: ({ input }) => `there is no ${String(input)}.patch beside the series file`,
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
 * Reads a series file: which stacks of patches are compared. The patches stand beside it.
 *
 * @param file - `series.yaml`
 * @throws SeriesError naming file and line
 */
export function loadStacks(file: string, reader: PatchReader): Stack[] {
  const bytes = readBytes(file, 'series file', mostOfSeries)
  if (bytes.length > mostOfSeries)
    throw new SeriesError(
      `${file}: the series file is too long: at most ${String(mostOfSeries)} bytes are read`,
    )
  const text = bytes.toString('utf8')
  const folder = dirname(resolve(file))
  const { stacks } = parseYaml(text, file, seriesSchema(folder), (message) => new SeriesError(message))
  return stacks.map(({ patches, title }) => makeStack(patchesOfIds(folder, patches, reader), title))
}

/**
 * Makes sure that the columns of a comparison can be told apart.
 *
 * @throws SeriesError when two stacks have the same id, or one has that of the unpatched kernel
 */
export function checkIds(stacks: readonly Stack[]): void {
  const seen = new Set<string>()
  for (const { id } of stacks) {
    if (id === baselineId || id === '') {
      throw new SeriesError(
        `a patch file cannot be called "${id}.patch": a variant is called after its file, and "${baselineId}" is the unpatched kernel`,
      )
    }
    if (seen.has(id))
      throw new SeriesError(`"${id}" is given twice: variants are called after their patch files`)
    seen.add(id)
  }
}
