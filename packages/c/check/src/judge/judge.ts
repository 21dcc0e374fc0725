// SPDX-License-Identifier: GPL-2.0-only
import type { IrModule, SourceLocation } from '@pfo-workbench/ir'
import type { ContractTable } from '../contracts/table.ts'
import { contextOf } from '../explore/context.ts'
import { explore, type Budget, type Exploration } from '../explore/explore.ts'
import type { FieldUse } from '../findings/at-return.ts'
import {
  compareSides,
  withoutRepeats,
  type ComparedFinding,
  type CheckedVersion,
} from '../findings/compare.ts'
import {
  fieldsHoldingReferences,
  fieldsWithDrops,
  judgeFieldReferences,
} from '../findings/field-references.ts'
import type { Finding } from '../findings/finding.ts'
import type { PathContext } from '../path/path.ts'
import {
  withStaticCallers,
  changedFunctions,
  countingFunctions,
  isFile,
  isStatic,
  linesOf,
  type LineRange,
} from './entries.ts'

/** A version of a file: its IR, and access to its sources. */
export interface FileVersion {
  readonly module: IrModule
  /** Returns the text of a file by its name in the debug information; null if there is none. */
  readonly readFile: (file: string) => string | null
  /** Lines of the file that the patch touches in this version. */
  readonly changed: readonly LineRange[]
}

/** Budgets for a function that the patch changes, and for any other executed function. */
export interface Budgets {
  readonly changed: Budget
  readonly other: Budget
}

/** The default budgets of a check: a few seconds for the largest functions. */
export const defaultBudgets: Budgets = {
  changed: { steps: 500_000, paths: 700 },
  other: { steps: 150_000, paths: 200 },
}

/** Extent to which a function was executed. With two versions, the numbers cover both. */
export interface ExecutedFunction {
  readonly name: string
  readonly paths: number
  readonly complete: boolean
  readonly approximate: boolean
}

/** The findings in a file, and the functions that were executed to find them. */
export interface JudgedFile {
  readonly functions: readonly ExecutedFunction[]
  readonly findings: readonly ComparedFinding[]
}

/** Options of judging. */
export interface JudgeOptions {
  readonly contracts: ContractTable
  /** Classes whose findings are shown. */
  readonly classes: ReadonlySet<string>
  readonly budgets: Budgets
}

/** Judges the effect of a patch on one file. A version is null if the file does not exist before or after the patch. */
export function judgeChange(
  file: string,
  before: FileVersion | null,
  after: FileVersion | null,
  options: JudgeOptions,
): JudgedFile {
  const contexts = [before, after].map((version) =>
    version === null ? null : contextOf(version.module, options.contracts, version.readFile),
  )
  const changed = new Set<string>()
  const others = new Set<string>()
  ;[before, after].forEach((version, i) => {
    const context = contexts[i]
    if (version === null || context === null || context === undefined) return
    for (const name of changedFunctions(version.module, file, version.changed)) changed.add(name)
  })
  for (const context of contexts) {
    if (context !== null) for (const name of withStaticCallers(context.facts, changed)) others.add(name)
  }
  const executedSides = contexts.map((context, i) => {
    const lines = [before, after][i]?.changed ?? []
    return executeSide(context, file, changed, others, options, lines)
  })
  const changedUses = executedSides.map(({ explorations }) =>
    [...changed].map((name) => [name, explorations.get(name)?.fieldUses ?? []] as const),
  )
  const fields = fieldsHoldingReferences(changedUses.flat().map(([, uses]) => uses))
  const [droppedBefore, droppedAfter] = changedUses.map(fieldsWithDrops)
  // If the structure itself drops the reference, a patch that removes an explicit drop causes no leak.
  const missing = [...(droppedBefore ?? [])].filter(
    ([field]) => options.contracts.droppedBy(field) !== 'structure',
  )
  const otherSides = [droppedAfter, new Map(missing)]
  const [left = noSide, right = noSide] = executedSides.map((side, i) =>
    withFields(contexts[i] ?? null, file, side, fields, options, otherSides[i]),
  )
  return {
    functions: executed([left, right], changed),
    findings: compareSides(left, right, options.contracts),
  }
}

/** Judges a file as it is. Executes all its functions that take or drop references. */
export function judgeFile(
  file: string,
  version: Omit<FileVersion, 'changed'>,
  options: JudgeOptions,
): JudgedFile {
  const context = contextOf(version.module, options.contracts, version.readFile)
  const functions = new Set(countingFunctions(context.facts, file))
  const executedSide = executeSide(context, file, new Set(), functions, options)
  const uses = [...executedSide.explorations.values()].map(({ fieldUses }) => fieldUses)
  const side = withFields(context, file, executedSide, fieldsHoldingReferences(uses), options)
  return {
    functions: executed([side], functions),
    findings: withoutRepeats(side.findings.map((finding) => ({ ...finding, status: 'present' }))),
  }
}

const noSide: CheckedVersion = { findings: [], explorations: new Map() }

function executeSide(
  context: PathContext | null,
  file: string,
  changed: ReadonlySet<string>,
  others: ReadonlySet<string>,
  options: JudgeOptions,
  lines: readonly LineRange[] = [],
): CheckedVersion {
  const explorations = new Map<string, Exploration>()
  if (context === null) return { findings: [], explorations }
  const isChanged = (place: SourceLocation): boolean =>
    isFile(place.file, file) && lines.some(({ first, last }) => first <= place.line && last >= place.line)
  const run = (name: string, budget: Budget): void => {
    const isJudged = options.contracts.function(name)?.counts !== true
    if (isJudged && context.facts.of(name) !== null && !explorations.has(name))
      explorations.set(name, explore(context, name, budget, changed.has(name) ? isChanged : undefined))
  }
  for (const name of changed) run(name, options.budgets.changed)
  for (const name of others) run(name, options.budgets.other)
  // A helper may have created the object of a finding. If the helper has the fault without its caller, the fault belongs
  // to the helper. So run these helpers too.
  for (const { findings } of [...explorations.values()]) {
    for (const { origin } of findings) {
      if (linesOf(context.module, origin.function, file) !== null) run(origin.function, options.budgets.other)
    }
  }
  return { findings: withoutRepetition(context, explorations), explorations }
}

/**
 * Adds findings about the fields that the executed functions store to or drop from. Considers all functions of the
 * file. Keeps only findings of the selected classes.
 */
function withFields(
  context: PathContext | null,
  file: string,
  side: CheckedVersion,
  fields: ReadonlySet<string>,
  options: JudgeOptions,
  dropped?: ReadonlyMap<string, string>,
): CheckedVersion {
  if (context === null) return side
  const uses = new Map<string, readonly FieldUse[]>()
  for (const [name, { fieldUses }] of side.explorations) uses.set(name, fieldUses)
  if (fields.size > 0) {
    // Unchanged functions also use the fields.
    for (const name of countingFunctions(context.facts, file)) {
      if (!uses.has(name)) uses.set(name, explore(context, name, options.budgets.other).fieldUses)
    }
  }
  const findings = judgeFieldReferences(
    context.module,
    options.contracts,
    file,
    side.findings,
    uses,
    fields,
    dropped,
  )
  return { ...side, findings: findings.filter(({ class: name }) => options.classes.has(name)) }
}

/**
 * Reports each fault once. A fault of a callee is not repeated for its callers. The callers of a static function decide
 * about its arguments.
 */
function withoutRepetition(
  { facts }: PathContext,
  explorations: ReadonlyMap<string, Exploration>,
): readonly Finding[] {
  const own = new Set<string>()
  const entriesOf = new Map<string, Set<string>>()
  for (const [name, { findings }] of explorations) {
    for (const { faultKey, origin } of findings) {
      if (origin.function === name) own.add(faultKey)
      const entries = entriesOf.get(faultKey)
      if (entries === undefined) entriesOf.set(faultKey, new Set([name]))
      else entries.add(name)
    }
  }
  // A fault of a callee with an argument is reported once for the callee, not once for each object that a caller
  // passes.
  const isShownByCallee = ({ rule, at }: Finding, name: string): boolean =>
    at.function !== name &&
    (rule === 'use-after-put' || rule === 'double-put') &&
    (explorations.get(at.function)?.findings ?? []).some(
      (other) => other.rule === rule && other.at.line === at.line && other.at.file === at.file,
    )
  return [...explorations].flatMap(([name, { findings }]) =>
    findings.filter((finding) => {
      const { faultKey, rule, origin } = finding
      if (origin.function !== name && own.has(faultKey)) return false
      const isOfCallee = [...(entriesOf.get(faultKey) ?? [])].some(
        (other) => other !== name && facts.calls(name, other),
      )
      if (isOfCallee || isShownByCallee(finding, name)) return false
      if (rule !== 'put-of-argument' || !isStatic(facts.module, name)) return true
      // The caller of a callback is unknown. Only a contract can say that the caller passes a reference.
      return facts.callersOf(name).length === 0 && !facts.isCallback(name)
    }),
  )
}

function executed(sides: readonly CheckedVersion[], shown: ReadonlySet<string>): readonly ExecutedFunction[] {
  const names = new Set(sides.flatMap(({ explorations }) => [...explorations.keys()]))
  return [...names]
    .filter((name) => shown.has(name))
    .map((name) => {
      const runs = sides.flatMap(({ explorations }) => explorations.get(name) ?? [])
      return {
        name,
        paths: runs.reduce((sum, { paths }) => sum + paths, 0),
        complete: runs.every(({ complete }) => complete),
        approximate: runs.some(({ approximate }) => approximate),
      }
    })
}
