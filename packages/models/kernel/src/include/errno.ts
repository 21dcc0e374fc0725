// SPDX-License-Identifier: GPL-2.0-only

// Error numbers of the kernel. Callers negate them (`return -ENOENT`).

/** Operation not permitted (include/uapi/asm-generic/errno-base.h, v4.18). */
export const EPERM = 1
/** No such file, node or entry (include/uapi/asm-generic/errno-base.h, v4.18). */
export const ENOENT = 2
/** I/O error (include/uapi/asm-generic/errno-base.h, v4.18). */
export const EIO = 5
/** No such device or address (include/uapi/asm-generic/errno-base.h, v4.18). */
export const ENXIO = 6
/** Argument list too long (include/uapi/asm-generic/errno-base.h, v4.18). */
export const E2BIG = 7
/** Try again (include/uapi/asm-generic/errno-base.h, v4.18). */
export const EAGAIN = 11
/** Out of memory (include/uapi/asm-generic/errno-base.h, v4.18). */
export const ENOMEM = 12
/** Permission denied (include/uapi/asm-generic/errno-base.h, v4.18). */
export const EACCES = 13
/** Bad address (include/uapi/asm-generic/errno-base.h, v4.18). */
export const EFAULT = 14
/** Busy (include/uapi/asm-generic/errno-base.h, v4.18). */
export const EBUSY = 16
/** Already exists (include/uapi/asm-generic/errno-base.h, v4.18). */
export const EEXIST = 17
/** No such device (include/uapi/asm-generic/errno-base.h, v4.18). */
export const ENODEV = 19
/** Not a directory (include/uapi/asm-generic/errno-base.h, v4.18). */
export const ENOTDIR = 20
/** Is a directory (include/uapi/asm-generic/errno-base.h, v4.18). */
export const EISDIR = 21
/** Invalid argument (include/uapi/asm-generic/errno-base.h, v4.18). */
export const EINVAL = 22
/** No space left (include/uapi/asm-generic/errno-base.h, v4.18). */
export const ENOSPC = 28
/** Result out of range (include/uapi/asm-generic/errno-base.h, v4.18). */
export const ERANGE = 34
/** Function not implemented (include/uapi/asm-generic/errno.h, v4.18). */
export const ENOSYS = 38
/** Too many symbolic links (include/uapi/asm-generic/errno.h, v4.18). */
export const ELOOP = 40
/** No data available (include/uapi/asm-generic/errno.h, v4.18). */
export const ENODATA = 61
/** Value too large (include/uapi/asm-generic/errno.h, v4.18). */
export const EOVERFLOW = 75
/** Illegal byte sequence (include/uapi/asm-generic/errno.h, v4.18). */
export const EILSEQ = 84
/** Operation not supported (include/uapi/asm-generic/errno.h, v4.18). */
export const EOPNOTSUPP = 95
/** A driver defers its probe (include/linux/errno.h, v4.18). Not part of the user ABI. */
export const EPROBE_DEFER = 517

const errnos = {
  EPERM,
  ENOENT,
  EIO,
  ENXIO,
  E2BIG,
  EAGAIN,
  ENOMEM,
  EACCES,
  EFAULT,
  EBUSY,
  EEXIST,
  ENODEV,
  ENOTDIR,
  EISDIR,
  EINVAL,
  ENOSPC,
  ERANGE,
  ENOSYS,
  ELOOP,
  ENODATA,
  EOVERFLOW,
  EILSEQ,
  EOPNOTSUPP,
  EPROBE_DEFER,
}
const names = new Map(Object.entries(errnos).map(([name, error]) => [error, name]))

/** Formats a result: `-22` as `"-EINVAL"`. Returns any other number in decimal. */
export function errnoName(result: number): string {
  const name = names.get(-result)
  return name === undefined ? String(result) : `-${name}`
}
