// SPDX-License-Identifier: GPL-2.0-only

/**
 * Error numbers as the kernel returns them (include/uapi/asm-generic/errno.h, v4.18): callers negate (`return
 * -ENOENT`).
 */
export const EPERM = 1
export const ENOENT = 2
export const EIO = 5
export const EAGAIN = 11
export const ENOMEM = 12
export const EACCES = 13
export const EFAULT = 14
export const EBUSY = 16
export const EEXIST = 17
export const ENOTDIR = 20
export const EISDIR = 21
export const ENODEV = 19
export const ENXIO = 6
export const EINVAL = 22
export const E2BIG = 7
export const ENOSYS = 38
export const ELOOP = 40
export const ERANGE = 34
export const EILSEQ = 84
export const ENODATA = 61
export const EOVERFLOW = 75
/** Not part of the user ABI (include/linux/errno.h, v4.18): a driver asks to be probed again later. */
export const EPROBE_DEFER = 517

const names: Readonly<Record<number, string>> = {
  [EPERM]: 'EPERM',
  [ENOENT]: 'ENOENT',
  [EIO]: 'EIO',
  [EAGAIN]: 'EAGAIN',
  [ENOMEM]: 'ENOMEM',
  [EACCES]: 'EACCES',
  [EFAULT]: 'EFAULT',
  [EBUSY]: 'EBUSY',
  [EEXIST]: 'EEXIST',
  [ENOTDIR]: 'ENOTDIR',
  [EISDIR]: 'EISDIR',
  [ENODEV]: 'ENODEV',
  [ENXIO]: 'ENXIO',
  [EINVAL]: 'EINVAL',
  [E2BIG]: 'E2BIG',
  [ENOSYS]: 'ENOSYS',
  [ELOOP]: 'ELOOP',
  [ERANGE]: 'ERANGE',
  [EILSEQ]: 'EILSEQ',
  [ENODATA]: 'ENODATA',
  [EOVERFLOW]: 'EOVERFLOW',
  [EPROBE_DEFER]: 'EPROBE_DEFER',
}

/** `-22` to `"-EINVAL"`; numbers without a name stay numbers. */
export function errnoName(result: number): string {
  const name = names[-result]
  return name === undefined ? String(result) : `-${name}`
}
