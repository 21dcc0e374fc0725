// SPDX-License-Identifier: GPL-2.0-only
// kernel/printk. The kernel's own vsnprintf formats the text. It runs as often as in the kernel's version, because
// `%pOF` takes references in some versions.
import {
  addressOf,
  isAtLeast,
  logLevel,
  modelled,
  modelledWithAll,
  oops,
  printCutHere,
  type HostFunctions,
  type Machine,
} from '@pfo-workbench/machine'
import { named } from './named.ts'

/** Maximum length of a line of the kernel's log in bytes (`LOG_LINE_MAX`). */
const longestLine = 1024

const key = Symbol('printk')

interface Console {
  /** Buffer for the C formatter; 0 before the first line. */
  buffer: bigint
  /** A line that may be continued. */
  open: string | null
  level: number
}

function consoleOf(machine: Machine): Console {
  return machine.stateOf(key, () => ({ buffer: 0n, open: null, level: logLevel.warning }))
}

/** Formats a message with `vsnprintf`. */
function format(machine: Machine, fmt: bigint, args: bigint): string {
  const console = consoleOf(machine)
  if (console.buffer === 0n) console.buffer = machine.allocator.reserve(longestLine)
  // Since v5.10 printk first formats once to compute the length.
  if (isAtLeast(machine.options.release, [5, 10]))
    machine.call('vsnprintf', console.buffer, longestLine, fmt, args)
  machine.call('vsnprintf', console.buffer, longestLine, fmt, args)
  return machine.memory.string(addressOf(console.buffer), longestLine)
}

/** The prefix of a message: `\001`, and a level or `c` for a continuation line (include/linux/kern_levels.h). */
const prefix = /^\x01([0-7cd])/

/** Prints a message on the console, line by line. @returns its length */
function vprintk(machine: Machine, level: number | null, fmt: bigint, args: bigint): number {
  let text = format(machine, fmt, args)
  const { length } = text
  let given = level
  let goesOn = false
  for (let found = prefix.exec(text); found !== null; found = prefix.exec(text)) {
    const [all, what = ''] = found
    if (what === 'c') goesOn = true
    else if (what !== 'd' && given === null) given = Number(what)
    text = text.slice(all.length)
  }
  const console = consoleOf(machine)
  if (!goesOn) flushConsole(machine)
  if (console.open === null) console.level = given ?? logLevel.warning
  const lines = `${console.open ?? ''}${text}`.split('\n')
  const rest = lines.pop() ?? ''
  console.open = rest === '' ? null : rest
  for (const line of lines) machine.journal.print(console.level, line)
  return length
}

/** Ends an open line, as the next message would. */
export function flushConsole(machine: Machine): void {
  const console = consoleOf(machine)
  if (console.open === null) return
  machine.journal.print(console.level, console.open)
  console.open = null
}

export const printk: HostFunctions = {
  ...named(
    modelled(['u64', 'u64'], (machine, fmt, args) => vprintk(machine, null, fmt, args)),
    '_printk',
    'printk',
    '_printk_deferred',
    'printk_deferred',
    'vprintk',
    'vprintk_default',
  ),
  /**
   * `vprintk_emit(facility, level, ..., fmt, args)`: before 5.10 the parameters in between are a dictionary and its
   * length.
   */
  vprintk_emit: modelledWithAll((machine, values) => {
    const level = Number(BigInt.asIntN(32, values[1] ?? -1n))
    const [fmt = 0n, args = 0n] = values.slice(-2)
    return vprintk(machine, level < 0 ? null : level, fmt, args)
  }),
  /** The message of a `WARN`, before its trap. */
  __warn_printk: modelled(['u64', 'u64'], (machine, fmt, args) => {
    printCutHere(machine)
    const before = machine.journal.console.length
    vprintk(machine, logLevel.warning, fmt, args)
    flushConsole(machine)
    machine.warnText = machine.journal.console.slice(before).join('\n')
  }),
  panic: modelled(['u64', 'u64'], (machine, fmt, args) => {
    vprintk(machine, logLevel.emergency, fmt, args)
    flushConsole(machine)
    oops(machine, { kind: 'trap' })
  }),
}
