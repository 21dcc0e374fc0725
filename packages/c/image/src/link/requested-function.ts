// SPDX-License-Identifier: GPL-2.0-only
import type { ObjectFile, ObjectFunction } from '@pfo-workbench/object'

/** Folders of headers that every file of the kernel may include. */
const kernelHeaders = /^(arch\/\w+\/)?include\//

/** True if a file is `place`, or is below it if `place` is a folder that ends in `/`. */
export function isAt(file: string, place: string): boolean {
  return place.endsWith('/') ? file.startsWith(place) : file === place
}

/**
 * True if a request for a function of the kernel means this definition. The name is not enough: a driver may have a
 * static function with the name of a kernel function that the driver does not use.
 *
 * @param place - the requested file or folder, if any
 */
export function isRequestedFunction(
  { module, file }: Pick<ObjectFile, 'module' | 'file'>,
  one: Pick<ObjectFunction, 'linkage' | 'file'>,
  place: string | undefined,
): boolean {
  if (place !== undefined) return isAt(file, place) || isAt(one.file, place)
  if (kernelHeaders.test(one.file)) return true
  return module === null && (one.linkage !== 'local' || one.file !== file)
}
