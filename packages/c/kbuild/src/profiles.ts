// SPDX-License-Identifier: GPL-2.0-only
import { architectureOf, type Architecture } from './architecture.ts'
import type { ConfigurationRequest } from './configure.ts'
import { KbuildError } from './error.ts'
import { parseDotConfig } from './kconfig/dot-config.ts'

const yes = (...names: readonly string[]): [string, string][] => names.map((name) => [name, 'y'])
const no = (...names: readonly string[]): [string, string][] => names.map((name) => [name, 'n'])
const modules = (...names: readonly string[]): [string, string][] => names.map((name) => [name, 'm'])

/**
 * Configuration that a kernel needs to run the scenarios on a PowerVM partition. The list serves all versions: a symbol
 * that a kernel does not have, or has under another name, is refused without an error.
 */
const wholeKernel: readonly (readonly [string, string])[] = [
  ...yes('EXPERT', 'MULTIUSER', 'MODULES', 'MODULE_UNLOAD', 'SMP', 'NUMA', 'HOTPLUG_CPU', 'PRINTK', 'BUG'),
  ...yes('PPC64', 'PPC_BOOK3S_64', 'PPC_PSERIES', 'PPC_SPLPAR', 'PPC_64K_PAGES', 'PPC_VAS', 'IBMVIO', 'PCI'),
  ...no('PPC_POWERNV', 'PPC_CELL', 'PPC_PASEMI', 'PPC_MAPLE', 'PPC_PMAC', 'PPC_PS3'),
  ['NR_CPUS', '4'],
  ...yes('PROC_FS', 'SYSFS', 'INOTIFY_USER', 'OF_DYNAMIC', 'MEMORY_HOTPLUG'),
  ...yes('DEBUG_KERNEL', 'DEBUG_BUGVERBOSE', 'REFCOUNT_FULL', 'SLUB'),
  ...yes('CRYPTO', 'CRYPTO_HW', 'CRYPTO_DEV_NX', 'HW_RANDOM'),
  ...modules(
    'HW_RANDOM_PSERIES',
    'CRYPTO_DEV_NX_ENCRYPT',
    'CRYPTO_DEV_NX_COMPRESS',
    'CRYPTO_DEV_NX_COMPRESS_PSERIES',
  ),
]

/**
 * The configuration with which the C engine runs a kernel: a minimal one for a PowerVM partition.
 *
 * @param architecture - decides the byte order. Kconfig offers the encryption driver only to big-endian kernels; the
 * profile forces the driver for little-endian kernels, as in the recorded kernels
 * @param wishes - additional or different values
 */
export function wholeKernelProfile(
  architecture: 'powerpc64le' | 'powerpc64',
  wishes: ReadonlyMap<string, string> = new Map(),
): ConfigurationRequest {
  const isLittle = architecture === 'powerpc64le'
  const set = new Map([...wholeKernel, ...yes(isLittle ? 'CPU_LITTLE_ENDIAN' : 'CPU_BIG_ENDIAN'), ...wishes])
  const forced = new Map([['CRYPTO_DEV_NX_ENCRYPT', set.get('CRYPTO_DEV_NX_ENCRYPT') ?? 'm']])
  return { architecture, base: 'no', set, forced }
}

/** Platforms whose drivers are compiled for the function check. */
export const platforms = ['ppc64', 'ppc64le', 'book3s_32', '85xx', '44x', '8xx', 'arm'] as const
/** Name of a platform. */
export type Platform = (typeof platforms)[number]

const platformFacts: Readonly<
  Record<Platform, { architecture: Architecture; set: readonly (readonly [string, string])[] }>
> = {
  ppc64: { architecture: 'powerpc64', set: yes('PPC64', 'PPC_BOOK3S_64', 'CPU_BIG_ENDIAN') },
  ppc64le: { architecture: 'powerpc64le', set: yes('PPC64', 'PPC_BOOK3S_64', 'CPU_LITTLE_ENDIAN') },
  book3s_32: { architecture: 'powerpc', set: [...no('PPC64'), ...yes('PPC_BOOK3S_32')] },
  '85xx': { architecture: 'powerpc', set: [...no('PPC64'), ...yes('PPC_85xx')] },
  '44x': { architecture: 'powerpc', set: [...no('PPC64'), ...yes('44x')] },
  '8xx': { architecture: 'powerpc', set: [...no('PPC64'), ...yes('PPC_8xx')] },
  arm: { architecture: 'arm', set: [] },
}

/**
 * Changes to `allmodconfig`: builds more drivers, and disables features that instrument the kernel and change every
 * function.
 */
const withoutInstruments: readonly (readonly [string, string])[] = [
  ...yes(
    'COMPILE_TEST',
    'MODULES',
    'OF_DYNAMIC',
    'BUG',
    'PPC_DISABLE_WERROR',
    'RANDSTRUCT_NONE',
    'DEBUG_INFO_NONE',
  ),
  ...no('KASAN', 'KCSAN', 'UBSAN', 'KCOV', 'WERROR', 'PPC_WERROR', 'GCC_PLUGINS'),
  ...no('MODULE_SIG', 'MODVERSIONS', 'TRIM_UNUSED_KSYMS', 'FUNCTION_TRACER', 'FTRACE', 'JUMP_LABEL'),
  ...no('PROFILE_ALL_BRANCHES', 'PROFILE_ANNOTATED_BRANCHES', 'TRACE_BRANCH_PROFILING', 'DYNAMIC_DEBUG'),
  ...no('LOCKDEP', 'PROVE_LOCKING', 'LOCK_STAT', 'DEBUG_LOCK_ALLOC', 'DEBUG_LIST', 'OF_UNITTEST'),
  ...no('FORTIFY_SOURCE', 'HARDENED_USERCOPY'),
]

/**
 * The configuration for the function check, which builds as many files as possible.
 *
 * @param wishes - additional or different values
 */
export function allModulesProfile(
  platform: Platform,
  wishes: ReadonlyMap<string, string> = new Map(),
): ConfigurationRequest {
  const { architecture, set } = platformFacts[platform]
  return { architecture, base: 'mod', set: new Map([...withoutInstruments, ...set, ...wishes]) }
}

/**
 * The user's own configuration.
 *
 * @param text - text of a `.config`
 * @param where - name of the file, for messages
 * @throws KbuildError `config` if it is not a configuration, `architecture` if its architecture is not supported
 */
export function userProfile(text: string, where: string): ConfigurationRequest {
  const set = parseDotConfig(text)
  if (set.size === 0)
    throw new KbuildError('config', `${where} is not a kernel configuration: it has no line CONFIG_X=...`)
  return { architecture: architectureOf(set), base: 'default', set }
}
