// SPDX-License-Identifier: GPL-2.0-only
import {
  rcu_dereference,
  rcu_read_lock,
  rcu_read_unlock,
  sprintf,
  type GroupFile,
} from '@pfo-workbench/kernel'
import { nx842State, NX842_HIST_SLOTS, type ibm_nx842_counters } from './devdata.ts'

/** Reads from the counters under RCU. Returns null if there is no devdata, or if the devdata has no counters. */
function readCounters<T>(read: (counters: ibm_nx842_counters) => T): T | null {
  rcu_read_lock()
  const counters = rcu_dereference(nx842State().devdata)?.counters ?? null
  const value = counters === null ? null : read(counters)
  rcu_read_unlock()
  return value
}

function counterText(
  name: 'comp_complete' | 'comp_failed' | 'decomp_complete' | 'decomp_failed' | 'swdecomp',
): string {
  const value = readCounters((counters) => counters[name])
  return value === null ? '' : sprintf('%d\n', value)
}

function nx842_comp_complete_show(): string {
  return counterText('comp_complete')
}

function nx842_comp_failed_show(): string {
  return counterText('comp_failed')
}

function nx842_decomp_complete_show(): string {
  return counterText('decomp_complete')
}

function nx842_decomp_failed_show(): string {
  return counterText('decomp_failed')
}

function nx842_swdecomp_show(): string {
  return counterText('swdecomp')
}

/** Lists a histogram. The slots are bounded by powers of two in microseconds. As in the kernel, slot 14 has no line. */
function histogramText(times: readonly number[] | null): string {
  if (times === null) return ''
  const bounded = times
    .slice(0, NX842_HIST_SLOTS - 2)
    .map((count, i) => sprintf('%u-%uus:\t%d\n', i === 0 ? 0 : 2 << (i - 1), (2 << i) - 1, count))
  const longest = sprintf('%uus - :\t%d\n', 2 << (NX842_HIST_SLOTS - 2), times[NX842_HIST_SLOTS - 1] ?? 0)
  return bounded.join('') + longest
}

/** The file with the histogram of operation times. */
function timesFile(name: 'comp_times' | 'decomp_times'): GroupFile {
  // A bound function, because a function of our own would show up in the call chain.
  return { name, show: nx842_timehist_show.bind(null, name) }
}

/** Models `nx842_timehist_show` (drivers/crypto/nx/nx-842-pseries.c, v4.18). */
function nx842_timehist_show(name: 'comp_times' | 'decomp_times'): string {
  return histogramText(readCounters((counters) => counters[name]))
}

/** `nx842_attribute_group` (drivers/crypto/nx/nx-842-pseries.c, v4.18). */
export const nx842_attribute_group: readonly GroupFile[] = [
  { name: 'comp_complete', show: nx842_comp_complete_show },
  { name: 'comp_failed', show: nx842_comp_failed_show },
  { name: 'decomp_complete', show: nx842_decomp_complete_show },
  { name: 'decomp_failed', show: nx842_decomp_failed_show },
  { name: 'swdecomp', show: nx842_swdecomp_show },
  timesFile('comp_times'),
  timesFile('decomp_times'),
]
