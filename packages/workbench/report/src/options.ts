// SPDX-License-Identifier: GPL-2.0-only

/** Options of a report. Each format ignores the options that do not concern it. */
export interface ReportOptions {
  /** Text: use colour. The caller decides; reports never look at the terminal. Default: false. */
  readonly color?: boolean
  /** Text: width of the terminal. Widths below 60 or above 200 count as 60 or 200. Default: 80. */
  readonly columns?: number
  /** Text: show everything instead of one screen. Default: false. */
  readonly full?: boolean
  /**
   * Text: option that selects the kernel in suggested commands, such as `--kernel TREE`. Default: none, which selects
   * the models.
   */
  readonly kernelOption?: string
  /** Text: the arguments that named the variants on the command line, by variant id. Default: the ids. */
  readonly patchArguments?: ReadonlyMap<string, string>
  /** Commands that reproduce this comparison. Default: `npx pfo compare`. */
  readonly commands?: readonly string[]
  /** Version of the workbench that made the comparison, and the commit of its checkout if known. */
  readonly workbench?: { readonly version: string; readonly commit?: string }
}

/** Starts the program in a checkout. Used in suggested commands. */
export const pfoCommand = 'npx pfo'

export const defaultCommands: readonly string[] = [`${pfoCommand} compare`]
