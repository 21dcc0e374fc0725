// SPDX-License-Identifier: GPL-2.0-only
import { messageOf } from './message-of.ts'

/**
 * Says in words why the system cannot open or read a file.
 *
 * @param fault - what `node:fs` threw
 */
export function whyUnreadable(fault: unknown): string {
  const code = fault instanceof Error && 'code' in fault ? fault.code : ''
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file'
  if (code === 'EISDIR') return 'it is a directory. Accepted: a file'
  if (code === 'EACCES' || code === 'EPERM') return 'you are not allowed to read it'
  if (code === 'ELOOP') return 'its symbolic links form a loop'
  if (code === 'ENAMETOOLONG') return 'its name is too long'
  return messageOf(fault)
}
