// SPDX-License-Identifier: GPL-2.0-only
import {
  cacheFolder,
  inspectCache,
  originOfResults,
  pruneCache,
  type CacheContent,
} from '@pfo-workbench/compare'
import { ModelEngine } from '@pfo-workbench/engine-models'
import { clearKernelCache, inspectKernelCache } from '@pfo-workbench/engine-c'
import { messageOf } from '@pfo-workbench/errors'
import { suggestion } from '@pfo-workbench/input'
import { cacheActions, type CacheAction } from './choices.ts'
import { UsageError } from './usage-error.ts'
import { kernelCacheFolder } from './kernel/open-tree.ts'
import { print } from './output.ts'

/** Formats the number of entries and the size of a cache. */
export function describeCache({ entries, bytes }: CacheContent): string {
  return `${String(entries)} ${entries === 1 ? 'entry' : 'entries'}, ${(bytes / 2 ** 20).toFixed(1)} MiB`
}

/** A line about the cached files of kernel trees; empty if there are none. */
async function kernelText(): Promise<string> {
  const folder = kernelCacheFolder()
  const { files, bytes } = await inspectKernelCache(folder)
  const size = (bytes / 2 ** 20).toFixed(1)
  return files === 0 ? '' : `${folder}: ${String(files)} files of kernel trees, ${size} MiB\n`
}

/**
 * `pfo cache`: prints the folder or the size of the cache, or removes results that are no longer used.
 *
 * @throws UsageError for an unknown action, or if the cache cannot be read or written
 */
export async function cacheCommand(action: CacheAction, { all = false }: { all?: boolean }): Promise<void> {
  if (!cacheActions.includes(action)) {
    const name: string = action
    throw new UsageError(
      `the cache cannot do "${name}".${suggestion(name, cacheActions)} Accepted: ${cacheActions.join(', ')}`,
    )
  }
  const folder = cacheFolder(process.env)
  if (action === 'path') {
    await print(`${folder}\n`)
    return
  }
  try {
    if (action === 'info') {
      await print(`${folder}: ${describeCache(await inspectCache(folder))}\n${await kernelText()}`)
      return
    }
    const { before, after } = await pruneCache(folder, all ? null : originOfResults(new ModelEngine()))
    if (all) await clearKernelCache(kernelCacheFolder())
    await print(
      `${folder}: ${describeCache(before)} before, ${describeCache(after)} now\n${await kernelText()}`,
    )
  } catch (cause) {
    throw new UsageError(`the cache in ${folder} cannot be read or written: ${messageOf(cause)}`, { cause })
  }
}
