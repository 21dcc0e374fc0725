// SPDX-License-Identifier: GPL-2.0-only
import type { KernelTree } from '@pfo-workbench/kernel-tree'
import { factsOf } from './architecture.ts'
import {
  configure,
  type Configuration,
  type ConfigurationRequest,
  type ConfigureOptions,
} from './configure.ts'
import { symbolsOf, printExpression } from './kconfig/expression.ts'
import type { Evaluation } from './kconfig/evaluate.ts'
import { evaluate, readKconfig } from './kconfig/kconfig.ts'
import type { Expression, KconfigModel, KconfigSymbol } from './kconfig/model.ts'
import { Makefiles } from './make/makefiles.ts'
import { Placements, type Guard } from './make/placement.ts'

/** A symbol that keeps a file from being built, and what keeps it from being set. */
export interface ExplainedGuard extends Guard {
  /** What it depends on and is not set, as Kconfig files have it, or the architecture; null if nothing keeps it from being set. */
  readonly unmet: string | null
}

/** Kconfig files of a tree with a configuration, to ask why something is not set. */
export class Explanations {
  readonly #model: KconfigModel
  readonly #evaluation: Evaluation
  /** The folder of `arch` that the Kconfig files are of. */
  readonly #arch: string

  private constructor(model: KconfigModel, evaluation: Evaluation, arch: string) {
    this.#model = model
    this.#evaluation = evaluation
    this.#arch = arch
  }

  /** Reads the Kconfig files, which takes about a second. */
  static async of(
    tree: KernelTree,
    { request, clang }: Pick<Configuration, 'request' | 'clang'>,
  ): Promise<Explanations> {
    const { arch } = factsOf(request.architecture)
    const model = await readKconfig(tree, { arch, clang })
    return new Explanations(model, evaluate(tree, model, request), arch)
  }

  /** Adds to a guard what its symbol lacks. */
  explain(guard: Guard): ExplainedGuard {
    const { place, symbol } = guard
    const other = /^arch\/([^/]+)\//.exec(place)?.[1]
    const unmet =
      other === undefined || other === this.#arch ? this.#unmetText(symbol) : `a kernel for ${other}`
    return { ...guard, unmet }
  }

  #unmetText(name: string): string | null {
    const symbol = this.#model.symbols.get(name)
    if (symbol === undefined || symbol.places.length === 0) return 'a definition: no Kconfig file has one'
    const unmet = this.#unmet(symbol)
    if (unmet.length > 0) return unmet.map(printExpression).join(' && ')
    if (symbol.prompts.length > 0) return null
    const selectors = symbol.selectedBy.map(({ value }) => value)
    return selectors.length === 0
      ? 'its default'
      : `being selected, by ${[...new Set(selectors)].slice(0, 5).join(' or ')}`
  }

  /** The parts of the dependencies that do not hold: those of the definition that lacks least. */
  #unmet(symbol: KconfigSymbol): readonly Expression[] {
    const lacking = symbol.dependencies.map((dependency) =>
      dependency === null
        ? []
        : partsOf(dependency).filter((part) => this.#evaluation.conditionOf(part) === 'n'),
    )
    return lacking.sort((a, b) => a.length - b.length)[0] ?? []
  }

  /** What would have to be wished for so that a symbol can be set, as far as its dependencies are plain. */
  wishesFor(name: string): ReadonlyMap<string, string> {
    const wishes = new Map<string, string>()
    const wish = (one: string, isNeeded: boolean): void => {
      const symbol = this.#model.symbols.get(one)
      if (symbol === undefined || wishes.has(one)) return
      wishes.set(one, symbol.type === 'tristate' && !isNeeded ? 'm' : 'y')
      for (const part of this.#unmet(symbol))
        for (const other of part.kind === 'symbol' ? [part.text] : firstOf(part)) wish(other, true)
    }
    wish(name, false)
    return wishes
  }
}

/** The parts of a condition that all have to hold. */
function partsOf(expression: Expression): readonly Expression[] {
  if (expression.kind === 'and') return [...partsOf(expression.left), ...partsOf(expression.right)]
  if (expression.kind === 'choice')
    return expression.choice.dependency === null ? [] : partsOf(expression.choice.dependency)
  return [expression]
}

/** Of alternatives, the first one. */
function firstOf(expression: Expression): string[] {
  return expression.kind === 'or' ? symbolsOf(expression.left).slice(0, 1) : []
}

/** How often wishes are made for what the last ones lacked. */
const mostRounds = 5

/**
 * Makes a configuration that builds certain files, if wishing for their symbols and for what those depend on helps.
 *
 * @param files - C files; those that are built anyway change nothing
 * @returns the configuration; it may still not build all of them
 */
export async function configureFor(
  tree: KernelTree,
  request: ConfigurationRequest,
  files: readonly string[],
  options: ConfigureOptions,
): Promise<Configuration> {
  let wishes = request.set
  for (let round = 1; ; round++) {
    const configuration = await configure(tree, { ...request, set: wishes }, options)
    const guards = await guardsOf(tree, configuration, files)
    if (guards.length === 0 || round === mostRounds) return configuration
    const explanations = await Explanations.of(tree, configuration)
    const more = new Map(guards.flatMap(({ symbol }) => [...explanations.wishesFor(symbol)]))
    // What the user sets stays as it is.
    const added = [...more].filter(([name]) => !request.set.has(name) && !wishes.has(name))
    if (added.length === 0) return configuration
    wishes = new Map([...wishes, ...added])
  }
}

async function guardsOf(
  tree: KernelTree,
  configuration: Configuration,
  files: readonly string[],
): Promise<Guard[]> {
  const { values, strings, architecture } = configuration
  const makefiles = new Makefiles(tree, factsOf(architecture).arch, values, (name) => strings.has(name))
  const placements = new Placements(makefiles, values)
  const found = await Promise.all(files.map(async (file) => placements.of(file)))
  return found.flatMap((placement) => (placement.status === 'built' ? [] : placement.guards))
}
