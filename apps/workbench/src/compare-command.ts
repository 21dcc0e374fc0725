// SPDX-License-Identifier: GPL-2.0-only
import { compare, loadStacks, stackOfFile, type Stack } from '@pfo-workbench/compare'
import { toJson, toText } from '@pfo-workbench/report'
import { print, wantsColor, writeWhole } from './output.ts'
import { Progress } from './progress.ts'
import { chooseScenarios } from './scenarios.ts'
import { defaultSeries } from './shipped.ts'

export interface CompareArguments {
  readonly patches: readonly string[]
  readonly series?: string
  readonly scenario?: readonly string[]
  readonly format: 'text' | 'json'
  readonly output?: string
  readonly jobs?: number
}

/** The stacks of the series file, if one is given, and each patch file by itself; the shipped series without either. */
function chooseStacks({ patches, series }: CompareArguments): Stack[] {
  const files = patches.map(stackOfFile)
  if (series !== undefined) return [...loadStacks(series), ...files]
  return files.length > 0 ? files : loadStacks(defaultSeries)
}

/** `pfo compare`. */
export async function compareCommand(args: CompareArguments): Promise<void> {
  const scenarios = chooseScenarios(args.scenario)
  const stacks = chooseStacks(args)
  const progress = new Progress(process.stderr)
  try {
    const comparison = await compare({
      stacks,
      scenarios,
      onProgress: (state) => {
        progress.show(state)
      },
      ...(args.jobs === undefined ? {} : { jobs: args.jobs }),
    })
    progress.clear()
    const color = args.output === undefined && wantsColor(process.stdout, process.env)
    const report = args.format === 'json' ? toJson(comparison) : toText(comparison, { color })
    if (args.output === undefined) await print(report)
    else writeWhole(args.output, report)
  } finally {
    progress.clear()
  }
}
