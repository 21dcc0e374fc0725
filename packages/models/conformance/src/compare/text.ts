// SPDX-License-Identifier: GPL-2.0-only

/** The taint state in the first line of a SLUB report. */
export const taintText: RegExp = / \((Not tainted|Tainted: [A-Z ]*)\): /

/** Start of a message of the hung-task detector. */
export const hungTaskLine: RegExp = /^INFO: (task|rcu_sched) /

/** Console text without values that differ in every run: processor and process numbers, addresses. */
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
    .replace(taintText, ': ')
    .replace(/(INFO: task )(\S+):\d+ /, (_all, what: string, comm: string) => `${what}${worker(comm)}:<n> `)
}

/** The name of a task, without the number of a worker thread, which depends on the machine. */
function worker(comm: string): string {
  return comm.startsWith('kworker') ? 'kworker' : comm
}
