// SPDX-License-Identifier: GPL-2.0-only

/** What the kernel thinks of its own health, in the first line of a SLUB report. */
export const TAINT: RegExp = / \((Not tainted|Tainted: [A-Z ]*)\): /

/** How the detector of tasks that hang begins what it says. */
export const HUNG_TASK: RegExp = /^INFO: (task|rcu_sched) /

/** Console text without what is different in every run: processor and process numbers, addresses. */
export function normalizeText(text: string): string {
  return text
    .replace(/CPU: \S+ PID[:=] ?\S+/, 'CPU: <n> PID=<n>')
    .replace(/at address (0x[0-9a-f]{9,}|<.*>)/, 'at address <addr>')
    .replace(
      /(scheduling while atomic: )(\S+)\/\S+\/\S*x([0-9a-f]+)$/,
      (_all, what: string, comm: string, count) => {
        return `${what}${worker(comm)}/<n>/0x${String(count)}`
      },
    )
    .replace(TAINT, ': ')
    .replace(/(INFO: task )(\S+):\d+ /, (_all, what: string, comm: string) => `${what}${worker(comm)}:<n> `)
}

/** Which worker thread it was depends on the machine. */
function worker(comm: string): string {
  return comm.startsWith('kworker') ? 'kworker' : comm
}
