// SPDX-License-Identifier: GPL-2.0-only
import type { KernelVersion } from '@pfo-workbench/kernel-tree'
import type { Architecture } from '../architecture.ts'

/**
 * Headers with the version of the kernel and its builder. The builder and the time are constant, so that results are
 * the same everywhere.
 */
export function versionHeaders(
  { major, minor, patch, text }: KernelVersion,
  architecture: Architecture,
): [string, string][] {
  const machine = { powerpc64le: 'ppc64le', powerpc64: 'ppc64', powerpc: 'ppc', arm: 'arm' }[architecture]
  // The version code has a byte for the last number.
  const code = (major << 16) + (minor << 8) + Math.min(patch, 255)
  const compile = [
    `#define UTS_MACHINE "${machine}"`,
    '#define LINUX_COMPILE_BY "pfo"',
    '#define LINUX_COMPILE_HOST "localhost"',
    '#define LINUX_COMPILER "clang"',
  ]
  const version = '#define UTS_VERSION "#1"\n'
  return [
    [
      'include/generated/uapi/linux/version.h',
      [
        `#define LINUX_VERSION_CODE ${String(code)}`,
        '#define KERNEL_VERSION(a,b,c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))',
        `#define LINUX_VERSION_MAJOR ${String(major)}`,
        `#define LINUX_VERSION_PATCHLEVEL ${String(minor)}`,
        `#define LINUX_VERSION_SUBLEVEL ${String(patch)}`,
        '',
      ].join('\n'),
    ],
    ['include/generated/utsrelease.h', `#define UTS_RELEASE "${text.replaceAll(/["\\]/g, '')}"\n`],
    ['include/generated/utsversion.h', version],
    // Before 6.0 this header also has the build version.
    ['include/generated/compile.h', `${compile.join('\n')}\n${version}`],
    ['include/generated/package.h', '#define LINUX_PACKAGE_ID ""\n'],
  ]
}

/** Replaces the compiler's own stdarg.h, which kernels before 5.15 include and which the compiler cannot see here. */
export const stdarg: string = `#pragma once
typedef __builtin_va_list va_list;
typedef __builtin_va_list __gnuc_va_list;
#define va_start(list, last) __builtin_va_start(list, last)
#define va_end(list) __builtin_va_end(list)
#define va_arg(list, type) __builtin_va_arg(list, type)
#define va_copy(to, from) __builtin_va_copy(to, from)
`
