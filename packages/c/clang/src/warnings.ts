// SPDX-License-Identifier: GPL-2.0-only

/** Warnings that the kernel's build enables for clang, except those that kernel headers trigger in large numbers. */
const kernelWarnings: readonly string[] = [
  '-Wall',
  '-Werror=implicit-function-declaration',
  '-Werror=implicit-int',
  '-Werror=return-type',
  '-Werror=incompatible-pointer-types',
  '-Werror=strict-prototypes',
  ...[
    'trigraphs',
    'gnu',
    'pointer-sign',
    'address-of-packed-member',
    'unused-but-set-variable',
    'unused-const-variable',
    'frame-address',
    'tautological-compare',
    'tautological-constant-out-of-range-compare',
    'format-invalid-specifier',
    'format-zero-length',
    'initializer-overrides',
    'sign-compare',
    'unaligned-access',
    'unknown-warning-option',
    'ignored-optimization-argument',
    'unused-command-line-argument',
    'main',
  ].map((name) => `-Wno-${name}`),
]

/** Options for the warnings of the kernel's build, or `-w` for none. */
export const warningOptions = (warnings: boolean): readonly string[] => (warnings ? kernelWarnings : ['-w'])
