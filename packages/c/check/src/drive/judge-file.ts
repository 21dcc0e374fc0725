// SPDX-License-Identifier: GPL-2.0-only
import type { Clang } from '@pfo-workbench/clang'
import { KbuildError } from '@pfo-workbench/kbuild'
import type { ContractFile } from '../contracts/schema.ts'
import type { ComparedFinding } from '../findings/compare.ts'
import { isFile } from '../judge/entries.ts'
import type { Budgets, ExecutedFunction } from '../judge/judge.ts'
import type { JudgeAnswer, TaskVersion } from '../judge/task.ts'
import type { PlatformBuild, PlatformBuilds } from './builds.ts'
import { changedLines } from './changed-lines.ts'
import { compileVersion } from './compile.ts'
import { symbolsDeciding } from './conditionals.ts'
import type { JudgeWorkers } from './workers.ts'

/** A C file to judge. */
export interface FileToJudge {
  readonly path: string
  /** All files that differ from the tree, before and after the patch; null: the file does not exist. */
  readonly before: ReadonlyMap<string, string | null>
  readonly after: ReadonlyMap<string, string | null>
  /** The text of the file itself; null: the file does not exist. Equal texts mean that there is no patch. */
  readonly textBefore: string | null
  readonly textAfter: string | null
}

/** Dependencies of judging. */
export interface JudgeTools {
  readonly builds: PlatformBuilds
  readonly clang: Clang
  readonly workers: JudgeWorkers
  readonly contracts: readonly ContractFile[]
  readonly classes: readonly string[]
  readonly budgets: Budgets
}

/** An executed function, with the configuration in which it was executed. */
interface FunctionRun extends ExecutedFunction {
  readonly configuration: string
  /** Symbols without `CONFIG_`. */
  readonly forced: readonly string[]
}

/** The result for one file. */
export interface JudgedFile {
  readonly path: string
  readonly functions: readonly FunctionRun[]
  readonly findings: readonly ComparedFinding[]
  /** Reasons why the functions of the file were not executed, or only some of them. */
  readonly reasons: readonly string[]
  /** Compiler output, if the file compiles in no configuration. */
  readonly diagnostics: string | null
  /** True if the compiler or a thread was stopped, for example for lack of memory. The next run may succeed. */
  readonly wasStopped: boolean
}

/** Symbols that identify the machine. Forcing one of them makes the headers inconsistent. */
const machineSymbols =
  /^(?:PPC(?:32|64)|64BIT|32BIT|PPC_BOOK3S.*|PPC_8xx|PPC_85xx|PPC_E500.*|E500.*|44x|4xx|40x|ARM|ARM64|X86.*|CPU_(?:LITTLE|BIG)_ENDIAN)$/

/** Maximum number of configurations in which one file is executed. */
const maxConfigurations = 3

/**
 * Compiles a file before and after the patch in the configurations that build it, and executes the changed functions.
 * Without a patch, executes all functions of the file that take or drop references. Tries further configurations, up to
 * `maxConfigurations`, as long as no function was executed or changed lines may be left out.
 */
export async function judgeOneFile(
  file: FileToJudge,
  tools: JudgeTools,
  signal?: AbortSignal,
): Promise<JudgedFile> {
  const configurations = tools.builds.namesFor(file.path)
  if (configurations.length === 0) {
    const [, architecture = ''] = /^arch\/([^/]+)/.exec(file.path) ?? []
    return nothing(file.path, `${file.path} is for ${architecture}; only powerpc and arm are checked`)
  }
  const run = new FileRun(file, tools, signal)
  const isHeader = file.path.endsWith('.h')
  let notBuilt = isHeader ? [] : await tryWhereBuilt(run, file.path, configurations)
  if (!run.wasJudged() && (isHeader || notBuilt.length === configurations.length)) {
    const includer = await tools.builds.includerOf(file.path)
    if (includer !== null) {
      run.compiledWith = includer
      notBuilt = await tryWhereBuilt(run, includer, configurations)
    } else if (isHeader) return nothing(file.path, `no C file in the folder of ${file.path} includes it`)
  }
  // No configuration builds the file, but it may compile anyway.
  for (const build of notBuilt) {
    if (run.wasJudged()) break
    await run.tryIn(build)
  }
  return run.result()
}

/**
 * Judges a file in the configurations that build it, or that build the file that includes it.
 *
 * @returns the configurations that do not build it.
 */
async function tryWhereBuilt(
  run: FileRun,
  compiled: string,
  configurations: readonly string[],
): Promise<readonly PlatformBuild[]> {
  const notBuilt: PlatformBuild[] = []
  for (const name of configurations) {
    if (run.isDone()) break
    const build = await run.buildOf(name)
    if (build === null) continue
    if ((await build.configured.placementOf(compiled)).status === 'built') await run.tryIn(build)
    else notBuilt.push(build)
  }
  return notBuilt
}

function nothing(path: string, reason: string): JudgedFile {
  return { path, functions: [], findings: [], reasons: [reason], diagnostics: null, wasStopped: false }
}

class FileRun {
  /** The C file that is compiled: the file itself, or one that includes it. */
  compiledWith: string
  readonly #file: FileToJudge
  readonly #tools: JudgeTools
  readonly #signal: AbortSignal | undefined
  readonly #functions: FunctionRun[] = []
  readonly #findings = new Map<string, ComparedFinding>()
  readonly #reasons: string[] = []
  readonly #changed: ReturnType<typeof changedLines> | null
  #diagnostics: string | null = null
  #judged = 0
  #wasStopped = false
  /** True if the latest configuration may have left out changed lines. Also true before the first configuration. */
  #leftOut = true

  constructor(file: FileToJudge, tools: JudgeTools, signal?: AbortSignal) {
    this.#file = file
    this.compiledWith = file.path
    this.#tools = tools
    this.#signal = signal
    this.#changed =
      file.textBefore === file.textAfter ? null : changedLines(file.textBefore ?? '', file.textAfter ?? '')
  }

  isDone(): boolean {
    return this.#judged >= maxConfigurations || (this.#functions.length > 0 && !this.#leftOut)
  }

  wasJudged(): boolean {
    return this.#judged > 0
  }

  async buildOf(name: string): Promise<PlatformBuild | null> {
    try {
      return await this.#tools.builds.of(name)
    } catch (fault) {
      if (!(fault instanceof KbuildError)) throw fault
      const reason = `configuration ${name}: ${fault.message}`
      if (fault.isTransient) this.#stop(reason)
      else this.#reasons.push(reason)
      return null
    }
  }

  /**
   * Judges the file in one configuration. If the preprocessor removes code near the change, judges the file again with
   * those symbols set that enable this code.
   */
  async tryIn(build: PlatformBuild): Promise<void> {
    const answer = await this.#judge(build, [])
    if (answer === null) return
    const missing = this.#symbols(answer).filter(
      (symbol) => !build.isBuiltIn(symbol) && !machineSymbols.test(symbol),
    )
    const forced = missing.length === 0 ? null : await this.#judge(build, missing)
    this.#leftOut = this.#outsideConditionals(forced ?? answer) || this.#isOfAnotherMachine(build)
  }

  /** True if changed lines are compiled only for a machine that this configuration does not support. */
  #isOfAnotherMachine(build: PlatformBuild): boolean {
    const { textBefore, textAfter } = this.#file
    return [
      ...symbolsDeciding(textBefore ?? '', this.#changed?.before ?? []),
      ...symbolsDeciding(textAfter ?? '', this.#changed?.after ?? []),
    ].some((symbol) => machineSymbols.test(symbol) && !build.isBuiltIn(symbol))
  }

  result(): JudgedFile {
    const { path } = this.#file
    const isJudged = this.#judged > 0
    if (isJudged && this.#functions.length === 0) {
      this.#reasons.push(
        this.#changed === null
          ? `${path}: no function takes or drops references`
          : `${path}: no function changes`,
      )
    }
    return {
      path,
      functions: this.#functions,
      findings: [...this.#findings.values()],
      reasons: this.#reasons,
      diagnostics: isJudged ? null : this.#diagnostics,
      wasStopped: this.#wasStopped,
    }
  }

  async #judge(build: PlatformBuild, forced: readonly string[]): Promise<JudgeAnswer | null> {
    const { clang, workers, contracts, classes, budgets } = this.#tools
    const { path, before, after, textBefore, textAfter } = this.#file
    const compile = async (texts: typeof before): ReturnType<typeof compileVersion> =>
      compileVersion(clang, build, this.compiledWith, texts, forced, this.#signal)
    const [first, second] = await Promise.all([
      textBefore === null || this.#changed === null ? null : compile(before),
      textAfter === null ? null : compile(after),
    ])
    for (const compiled of [second, first]) {
      if (compiled === null || compiled.status === 'ok') continue
      if (compiled.status === 'failed')
        this.#stop(`${path} could not be compiled in ${build.name}: ${compiled.reason}`)
      else if (forced.length === 0) this.#diagnostics ??= compiled.diagnostics
      else
        this.#reasons.push(
          `${path} does not compile in ${build.name} with ${withConfigPrefix(forced).join(', ')} forced`,
        )
      return null
    }
    const version = (
      compiled: typeof first,
      text: string | null,
      side: 'before' | 'after',
    ): TaskVersion | null =>
      compiled?.status === 'ok'
        ? { ir: compiled.ir, texts: new Map([[path, text ?? '']]), changed: this.#changed?.[side] ?? null }
        : null
    const answered = await workers.judge(
      {
        file: path,
        before: version(first, textBefore, 'before'),
        after: version(second, textAfter, 'after'),
        contracts,
        classes,
        budgets,
      },
      this.#signal,
    )
    if (answered.status === 'failed') {
      this.#stop(`${path} could not be executed in ${build.name}: ${answered.reason}`)
      return null
    }
    const { judged } = answered.answer
    this.#judged++
    for (const run of judged.functions) {
      const known = this.#functions.some(({ name }) => name === run.name)
      if (!known || forced.length > 0) this.#functions.push({ ...run, configuration: build.name, forced })
    }
    for (const finding of judged.findings) {
      if (this.compiledWith !== path && !isIn(finding, path)) continue
      const key = `${finding.entry} ${finding.key} ${finding.status === 'introduced' ? 'introduced' : ''}`
      if (!this.#findings.has(key)) this.#findings.set(key, finding)
    }
    return answered.answer
  }

  #stop(reason: string): void {
    this.#reasons.push(reason)
    this.#wasStopped = true
  }

  /** Symbols that decide which lines near the change are compiled. */
  #symbols({ inside, outside }: JudgeAnswer): readonly string[] {
    if (this.#changed === null) return []
    const { textBefore, textAfter } = this.#file
    return [
      ...new Set([
        ...symbolsDeciding(textBefore ?? '', [...inside.before, ...outside.before]),
        ...symbolsDeciding(textAfter ?? '', [...inside.after, ...outside.after]),
      ]),
    ]
  }

  /**
   * True if changed lines outside of functions are inside conditionals. Another configuration may then compile them.
   */
  #outsideConditionals({ outside }: JudgeAnswer): boolean {
    const { textBefore, textAfter } = this.#file
    return (
      symbolsDeciding(textBefore ?? '', outside.before).length > 0 ||
      symbolsDeciding(textAfter ?? '', outside.after).length > 0
    )
  }
}

/**
 * True if the fault, or the origin of its object, is in the given file and not in the C file that includes the file.
 */
function isIn({ at, origin }: ComparedFinding, path: string): boolean {
  return [at.file, origin.place?.file ?? ''].some((file) => isFile(file, path))
}

/** Symbols with the `CONFIG_` prefix, as in C and in reports. */
export function withConfigPrefix(symbols: readonly string[]): readonly string[] {
  return symbols.map((symbol) => `CONFIG_${symbol}`)
}
