// SPDX-License-Identifier: GPL-2.0-only

/*
 * Error numbers as the kernel returns them (include/uapi/asm-generic/errno.h and errno-base.h, v4.18): callers negate
 * (`return -ENOENT`).
 */

/** Operation not permitted (include/uapi/asm-generic/errno.h, v4.18). */
export const EPERM = 1
/** No such file, node or entry (include/uapi/asm-generic/errno.h, v4.18). */
export const ENOENT = 2
/** Input or output failed (include/uapi/asm-generic/errno.h, v4.18). */
export const EIO = 5
/** Try again (include/uapi/asm-generic/errno.h, v4.18). */
export const EAGAIN = 11
/** Out of memory (include/uapi/asm-generic/errno.h, v4.18). */
export const ENOMEM = 12
/** Permission denied (include/uapi/asm-generic/errno.h, v4.18). */
export const EACCES = 13
/** Bad address (include/uapi/asm-generic/errno.h, v4.18). */
export const EFAULT = 14
/** In use (include/uapi/asm-generic/errno.h, v4.18). */
export const EBUSY = 16
/** It exists already (include/uapi/asm-generic/errno.h, v4.18). */
export const EEXIST = 17
/** Not a directory (include/uapi/asm-generic/errno.h, v4.18). */
export const ENOTDIR = 20
/** Is a directory (include/uapi/asm-generic/errno.h, v4.18). */
export const EISDIR = 21
/** No such device (include/uapi/asm-generic/errno.h, v4.18). */
export const ENODEV = 19
/** No such device or address (include/uapi/asm-generic/errno.h, v4.18). */
export const ENXIO = 6
/** Invalid argument (include/uapi/asm-generic/errno.h, v4.18). */
export const EINVAL = 22
/** Argument list too long (include/uapi/asm-generic/errno.h, v4.18). */
export const E2BIG = 7
/** Function not implemented (include/uapi/asm-generic/errno.h, v4.18). */
export const ENOSYS = 38
/** Too many symbolic links (include/uapi/asm-generic/errno.h, v4.18). */
export const ELOOP = 40
/** Result out of range (include/uapi/asm-generic/errno.h, v4.18). */
export const ERANGE = 34
/** Illegal byte sequence (include/uapi/asm-generic/errno.h, v4.18). */
export const EILSEQ = 84
/** No data available (include/uapi/asm-generic/errno.h, v4.18). */
export const ENODATA = 61
/** Value too large (include/uapi/asm-generic/errno.h, v4.18). */
export const EOVERFLOW = 75
/** Operation not supported (include/uapi/asm-generic/errno.h, v4.18). */
export const EOPNOTSUPP = 95
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
  [EOPNOTSUPP]: 'EOPNOTSUPP',
  [EPROBE_DEFER]: 'EPROBE_DEFER',
}

/** `-22` to `"-EINVAL"`; numbers without a name stay numbers. */
export function errnoName(result: number): string {
  const name = names[-result]
  return name === undefined ? String(result) : `-${name}`
}
