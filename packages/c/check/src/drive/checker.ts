// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { Clang, type Compiler } from '@pfo-workbench/clang'
import { codeIdentity } from '@pfo-workbench/code'
import { readText, type KernelTree } from '@pfo-workbench/kernel-tree'
import type { ContractFile } from '../contracts/schema.ts'
import { contractsWith } from '../contracts/table.ts'
import { defaultBudgets, type Budgets } from '../judge/judge.ts'
import type { CheckedPatch, CheckState } from '../report/document.ts'
import { balance, sentence } from '../report/wording.ts'
import type { ComparedFinding } from '../findings/compare.ts'
import { withMovedFaults } from '../findings/moved-faults.ts'
import { changedCalls } from './changed-calls.ts'
import { PlatformBuilds, type NamedConfiguration } from './builds.ts'
import {
  judgeOneFile,
  withConfigPrefix,
  type FileToJudge,
  type JudgedFile,
  type JudgeTools,
} from './judge-file.ts'
import { CheckCache, type Computed } from './check-cache.ts'
import { verifyFileContracts, type VerifiedFile } from './verify-file-contracts.ts'
import { JudgeWorkers } from './workers.ts'

/** The text of a file before and after a patch. Null: the file does not exist. */
export interface PatchedFile {
  readonly path: string
  readonly before: string | null
  readonly after: string | null
}

/** A patch that was applied, or reverted if the tree already contains it. */
export interface PatchToCheck {
  readonly id: string
  readonly title: string
  readonly state: 'applied' | 'already-applied'
  readonly files: readonly PatchedFile[]
}

/** Folder of this package. */
const ownFolder = join(import.meta.dirname, '../..')

/** Options of a checker. */
export interface CheckerOptions {
  readonly tree: KernelTree
  readonly compiler: Compiler
  /** Folder for configurations, generated headers and results. */
  readonly cacheFolder: string
  /** Number of files that are compiled and executed in parallel. */
  readonly jobs: number
  /** Contracts in addition to the shipped ones. */
  readonly contracts?: readonly ContractFile[]
  /** Classes whose findings are shown. The contracts define the default. */
  readonly classes?: readonly string[]
  readonly budgets?: Budgets
  /** The one configuration to compile in. By default files are tried in one configuration per platform. */
  readonly configuration?: NamedConfiguration
}

/** Checks patches and files of one kernel tree. */
export class Checker {
  readonly #tree: KernelTree
  readonly #tools: JudgeTools
  readonly #cache: CheckCache
  readonly #wording: ReturnType<typeof contractsWith>

  /** @throws CheckError `bad-contracts`; ClangError `workspace`. */
  constructor({
    tree,
    compiler,
    cacheFolder,
    jobs,
    contracts = [],
    classes,
    budgets = defaultBudgets,
    configuration,
  }: CheckerOptions) {
    const table = contractsWith(contracts)
    const clang = new Clang(compiler, { jobs })
    this.#tree = tree
    this.#wording = table
    this.#tools = {
      builds: new PlatformBuilds(tree, clang, cacheFolder, configuration ?? null),
      clang,
      workers: new JudgeWorkers(jobs),
      contracts,
      classes: [...(classes ?? table.defaultClasses())].sort(),
      budgets,
    }
    const { classes: shown } = this.#tools
    this.#cache = new CheckCache(cacheFolder, [
      codeIdentity(ownFolder),
      tree.id,
      compiler.versionText,
      contracts,
      shown,
      budgets,
      configuration === undefined ? null : requestKey(configuration),
    ])
  }

  /** Checks the functions that a patch changes. */
  async checkPatch({ id, title, state, files }: PatchToCheck, signal?: AbortSignal): Promise<CheckedPatch> {
    const sources = files.filter(
      (file) => file.before !== file.after && (file.path.endsWith('.c') || this.#countsInHeader(file)),
    )
    if (sources.length === 0) {
      return {
        id,
        title,
        state: 'nothing-to-execute',
        reason: 'the patch changes no C file, and no references in headers',
        functions: [],
        findings: [],
      }
    }
    const before = new Map(files.map((file) => [file.path, file.before]))
    const after = new Map(files.map((file) => [file.path, file.after]))
    return this.#cache.get({ id, title, state, files }, async () =>
      this.#report(
        { id, title, state },
        await Promise.all(
          sources.map(async (file) =>
            judgeOneFile(
              { path: file.path, before, after, textBefore: file.before, textAfter: file.after },
              this.#tools,
              signal,
            ),
          ),
        ),
        this.#notExamined(sources),
      ),
    )
  }

  /** True if the patch changes lines of a header that take or drop references, as inline functions do. */
  #countsInHeader({ path, before, after }: PatchedFile): boolean {
    return path.endsWith('.h') && [...changedCalls(before, after)].some((name) => this.#wording.counts(name))
  }

  /** One reason for each class that is not examined although the patch changes calls that count its references. */
  #notExamined(files: readonly PatchedFile[]): readonly string[] {
    const calls = new Map<string, string>()
    for (const { before, after } of files) {
      for (const name of changedCalls(before, after)) {
        const className = this.#wording.counts(name) ? this.#wording.function(name)?.class : undefined
        if (className !== undefined && !this.#tools.classes.includes(className) && !calls.has(className))
          calls.set(className, name)
      }
    }
    return [...calls].map(
      ([className, name]) =>
        `references of class ${className}, as ${name}() counts them: --class ${className} examines them`,
    )
  }

  /** Checks a file as it is, without a patch. */
  async checkFile(path: string, signal?: AbortSignal): Promise<CheckedPatch> {
    const text = await readText(this.#tree, path)
    const head = { id: path, title: path, state: 'unpatched' } as const
    if (text === null) {
      return {
        ...head,
        state: 'nothing-to-execute',
        reason: `the tree has no file ${path}`,
        functions: [],
        findings: [],
      }
    }
    const none = new Map<string, string | null>()
    const file: FileToJudge = { path, before: none, after: none, textBefore: text, textAfter: text }
    return this.#cache.get({ ...head, text }, async () =>
      this.#report(head, [await judgeOneFile(file, this.#tools, signal)]),
    )
  }

  /** Verifies the functions of a file against their contracts. */
  async verifyFile(path: string, signal?: AbortSignal): Promise<VerifiedFile> {
    const text = await readText(this.#tree, path)
    if (text === null)
      return { path, configuration: null, functions: [], reason: `the tree has no file ${path}` }
    return verifyFileContracts(path, text, this.#tools, signal)
  }

  /** Terminates threads and compilers and removes their temporary files. The caller owns the tree. */
  async dispose(): Promise<void> {
    await this.#tools.workers.dispose()
    await this.#tools.clang.dispose()
  }

  #severityOf({ severity, status, class: name }: ComparedFinding): ComparedFinding['severity'] {
    const isUntouched = status === 'kept' || status === 'present'
    return severity === 'error' && isUntouched && this.#wording.class(name)?.unproven === true
      ? 'question'
      : severity
  }

  #report(
    head: { id: string; title: string; state: CheckState },
    files: readonly JudgedFile[],
    notExamined: readonly string[] = [],
  ): Computed {
    const functions = files.flatMap(({ path, functions: runs }) =>
      runs.map(({ forced, ...run }) => ({ file: path, ...run, forced: [...withConfigPrefix(forced)] })),
    )
    const judged = withMovedFaults(files.map(({ findings: found }) => found))
    const findings = files.flatMap(({ path }, i) =>
      (judged[i] ?? []).map((finding) => {
        const references = balance(finding)
        return {
          rule: finding.rule,
          severity: this.#severityOf(finding),
          status: finding.status,
          file: path,
          function: finding.entry,
          line: finding.at.line,
          message: sentence(finding, this.#wording),
          ...(references === null ? {} : { references }),
          paths: finding.paths,
          ofPaths: finding.ofPaths,
          path: finding.path.map(({ file, line, text }) => ({ file, line, text })),
        }
      }),
    )
    const reasons = [...files.flatMap((file) => file.reasons), ...notExamined]
    const diagnostics = files.flatMap((file) => file.diagnostics ?? [])
    const wasStopped = files.some((file) => file.wasStopped)
    const result: CheckedPatch = {
      id: head.id,
      title: head.title,
      state:
        functions.length > 0 ? head.state : stateWithoutRuns(head.state, diagnostics.length > 0, wasStopped),
      ...(reasons.length === 0 ? {} : { reason: reasons.join('; ') }),
      ...(diagnostics.length === 0 ? {} : { diagnostics: diagnostics.join('\n') }),
      functions,
      findings: findings.sort((a, b) => rank(a.status) - rank(b.status)),
    }
    return { result, isLasting: !wasStopped }
  }
}

/** State of a patch without executed functions. */
function stateWithoutRuns(applied: CheckState, hasDiagnostics: boolean, wasStopped: boolean): CheckState {
  if (hasDiagnostics) return 'does-not-compile'
  if (wasStopped) return 'stopped'
  return applied === 'unpatched' ? 'unpatched' : 'nothing-to-execute'
}

/** A request as plain data, for the key of cached results. */
function requestKey({ name, request }: NamedConfiguration): unknown {
  const { architecture, base, set, forced } = request
  return [name, architecture, base, [...set], [...(forced ?? [])]]
}

function rank(status: string): number {
  return ['introduced', 'partly-fixed', 'fixed', 'kept', 'present'].indexOf(status)
}
