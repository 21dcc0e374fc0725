// SPDX-License-Identifier: GPL-2.0-only
import { KbuildError } from './error.ts'
import type { Values } from './kconfig/evaluate.ts'

/** Supported architectures. `powerpc64` is big-endian. */
export const architectures = ['powerpc64le', 'powerpc64', 'powerpc', 'arm'] as const
/** Name of a supported architecture. */
export type Architecture = (typeof architectures)[number]

/** Settings of an architecture for make and clang. */
export interface ArchitectureFacts {
  /** `ARCH` of make, which is also the name of the folder in `arch/`. */
  readonly arch: string
  /** Target triple of clang. */
  readonly target: string
  readonly flags: readonly string[]
}

/**
 * The settings of each architecture. The flags are those that its Makefile would select after probing the compiler,
 * with floating point and vectors off, as in the kernel.
 */
const facts: Readonly<Record<Architecture, ArchitectureFacts>> = {
  powerpc64le: {
    arch: 'powerpc',
    target: 'powerpc64le-linux-gnu',
    flags: [
      '-m64',
      '-mlittle-endian',
      '-mabi=elfv2',
      '-mcpu=power8',
      '-msoft-float',
      '-mno-altivec',
      '-mno-vsx',
    ],
  },
  powerpc64: {
    arch: 'powerpc',
    target: 'powerpc64-linux-gnu',
    flags: ['-m64', '-mbig-endian', '-mcpu=ppc64', '-msoft-float', '-mno-altivec', '-mno-vsx'],
  },
  powerpc: {
    arch: 'powerpc',
    target: 'powerpc-linux-gnu',
    flags: ['-m32', '-mbig-endian', '-mcpu=powerpc', '-msoft-float', '-mno-altivec', '-mno-vsx'],
  },
  arm: {
    arch: 'arm',
    target: 'arm-linux-gnueabi',
    flags: ['-mabi=aapcs-linux', '-mfpu=vfp', '-marm', '-msoft-float', '-Uarm'],
  },
}

export const factsOf = (architecture: Architecture): ArchitectureFacts => facts[architecture]

/**
 * Determines the architecture of a configuration.
 *
 * @throws KbuildError `architecture` if the architecture is not supported
 */
export function architectureOf(values: Values): Architecture {
  const is = (name: string): boolean => values.get(name) === 'y'
  if (is('PPC64')) return is('CPU_LITTLE_ENDIAN') ? 'powerpc64le' : 'powerpc64'
  if (is('PPC32')) return 'powerpc'
  if (is('ARM')) return 'arm'
  const known = [
    'ARM64',
    'X86',
    'X86_64',
    'X86_32',
    'MIPS',
    'RISCV',
    'S390',
    'SPARC',
    'PARISC',
    'ALPHA',
    'LOONGARCH',
    'M68K',
  ]
  const named = known.find(is)
  throw new KbuildError(
    'architecture',
    `the configuration is for ${named === undefined ? 'an architecture that it does not name' : named.toLowerCase()}; accepted: ${architectures.join(', ')}`,
  )
}
