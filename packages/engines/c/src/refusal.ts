// SPDX-License-Identifier: GPL-2.0-only
import type { Configuration } from '@pfo-workbench/kbuild'
import type { Scenario } from '@pfo-workbench/run'

/**
 * Returns the reason why a kernel cannot play a scenario; null if it can. The configuration is fixed when the kernel is
 * built: a scenario cannot enable more.
 *
 * @param countsAreFull - true if references are always counted with checks, as since v5.5
 */
export function refusalOf(
  { machine: { config } }: Scenario,
  { architecture, values }: Pick<Configuration, 'architecture' | 'values'>,
  countsAreFull: boolean,
): string | null {
  const endian = architecture === 'powerpc64le' ? 'little' : 'big'
  if (config.endian !== undefined && config.endian !== endian)
    return `it is for a ${config.endian}-endian kernel, and this one is ${endian}-endian. Accepted: a configuration with that byte order (--config)`
  if (config.cmo === true && !values.has('PPC_SMLPAR'))
    return 'it needs cooperative memory overcommitment, and CONFIG_PPC_SMLPAR is not set. Accepted: a configuration that has it (--config)'
  if (config.refcount === undefined) return null
  const isFull = countsAreFull || values.has('REFCOUNT_FULL')
  if (config.refcount === 'plain' && isFull)
    return `it is for a kernel that counts references without checks. ${countsAreFull ? 'Current kernels always check them' : 'CONFIG_REFCOUNT_FULL is set. Accepted: a configuration without it (--config)'}`
  if (config.refcount === 'full' && !isFull)
    return 'it needs checked references, and CONFIG_REFCOUNT_FULL is not set. Accepted: a configuration that has it (--config)'
  return null
}
