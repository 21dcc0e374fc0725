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
import { createEvaluation, readKconfig } from './kconfig/kconfig.ts'
import type { Expression, KconfigModel, KconfigSymbol } from './kconfig/model.ts'
import { Makefiles } from './make/makefiles.ts'
import { Placements, type Guard } from './make/placement.ts'

/** A symbol that keeps a file from being built, with the reason why it is not set. */
export interface ExplainedGuard extends Guard {
  /**
   * The reason why a request cannot set the symbol; null if a request can. The symbol lacks dependencies (in Kconfig
   * syntax), another architecture, a definition, its default, or a symbol that selects it.
   */
  readonly unmet: string | null
}

/** Explains why symbols of a configuration are not set. */
export class Explanations {
  readonly #model: KconfigModel
  readonly #evaluation: Evaluation
  /** Name of the `arch` folder whose Kconfig files are in use. */
  readonly #arch: string

  private constructor(model: KconfigModel, evaluation: Evaluation, arch: string) {
    this.#model = model
    this.#evaluation = evaluation
    this.#arch = arch
  }

  /**
   * Parses the Kconfig files, which takes about a second.
   *
   * @throws KbuildError `kconfig` if the files cannot be evaluated
   */
  static async of(
    tree: KernelTree,
    { request, clang }: Pick<Configuration, 'request' | 'clang'>,
  ): Promise<Explanations> {
    const { arch } = factsOf(request.architecture)
    const model = await readKconfig(tree, { arch, clang })
    return new Explanations(model, createEvaluation(tree, model, request), arch)
  }

  /** Adds the reason why the symbol of a guard is not set. */
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
      : `to be selected by ${[...new Set(selectors)].slice(0, 5).join(' or ')}`
  }

  /** The unmet parts of the dependencies. Of several definitions, the one with the fewest unmet parts. */
  #unmet(symbol: KconfigSymbol): readonly Expression[] {
    const lacking = symbol.dependencies.map((dependency) =>
      dependency === null
        ? []
        : partsOf(dependency).filter((part) => this.#evaluation.conditionOf(part) === 'n'),
    )
    return lacking.sort((a, b) => a.length - b.length)[0] ?? []
  }

  /**
   * Values to request so that a symbol can be set: the symbol, and for each unmet dependency that is a symbol or a
   * disjunction, that symbol or the first symbol of the disjunction, with their unmet dependencies in turn. Other
   * dependencies are ignored.
   */
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

/** Splits a conjunction into its parts. */
function partsOf(expression: Expression): readonly Expression[] {
  if (expression.kind === 'and') return [...partsOf(expression.left), ...partsOf(expression.right)]
  if (expression.kind === 'choice')
    return expression.choice.dependency === null ? [] : partsOf(expression.choice.dependency)
  return [expression]
}

/** The first symbol of a disjunction, as a list; empty for any other expression. */
function firstOf(expression: Expression): string[] {
  return expression.kind === 'or' ? symbolsOf(expression.left).slice(0, 1) : []
}

/** Maximum number of configurations to make. Each but the last can add requests for unmet dependencies. */
const maxRounds = 5

/**
 * Makes a configuration that builds certain files, by requesting their symbols and the dependencies of these symbols.
 *
 * @param files - C files; files that are already built change nothing
 * @returns the configuration, which may still not build all of the files
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
    if (guards.length === 0 || round === maxRounds) return configuration
    const explanations = await Explanations.of(tree, configuration)
    const more = new Map(guards.flatMap(({ symbol }) => [...explanations.wishesFor(symbol)]))
    // Keep the values that the user sets.
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
