// SPDX-License-Identifier: GPL-2.0-only
import { Evaluation, type EvaluationOptions } from '../../src/kconfig/evaluate.ts'
import { Macros, type ShellAnswer } from '../../src/kconfig/macros.ts'
import type { KconfigModel } from '../../src/kconfig/model.ts'
import { parseKconfig } from '../../src/kconfig/parser.ts'

/** Files by path, or the text of a single file. */
export type Files = string | Readonly<Record<string, string>>

export interface KconfigCase extends Partial<Omit<EvaluationOptions, 'set'>> {
  readonly set?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
  readonly shell?: ShellAnswer
}

export async function modelOf(
  files: Files,
  { environment = {}, shell, choicesAreMenus = true }: KconfigCase = {},
): Promise<KconfigModel> {
  const all: Readonly<Record<string, string>> = typeof files === 'string' ? { Kconfig: files } : files
  const macros = new Macros(new Map(Object.entries(environment)), shell ?? (() => ''))
  const read = async (path: string): Promise<string | null> => Promise.resolve(all[path] ?? null)
  return parseKconfig(read, macros, { membersNest: !choicesAreMenus })
}

/** Values of Kconfig files. By default, evaluated like a current kernel. */
export async function valuesOf(files: Files, options: KconfigCase = {}): Promise<Record<string, string>> {
  const model = await modelOf(files, options)
  const evaluation = new Evaluation(model, {
    base: 'default',
    choicesAreMenus: true,
    impliedIsBuiltIn: false,
    numbersAreZero: true,
    ...options,
    set: new Map(Object.entries(options.set ?? {})),
  })
  return Object.fromEntries(evaluation.values())
}
