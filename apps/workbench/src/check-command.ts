// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import {
  Checker,
  checkExitCode,
  checkReport,
  contractsWith,
  parseContracts,
  verifiedText,
  type CheckDocument,
  type CheckedPatch,
  type CheckFailOn,
  type CheckFormat,
  type ContractFile,
  type NamedConfiguration,
} from '@pfo-workbench/check'
import { findClang } from '@pfo-workbench/clang'
import { messageOf } from '@pfo-workbench/errors'
import { userProfile } from '@pfo-workbench/kbuild'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { KernelTree } from '@pfo-workbench/kernel-tree'
import { Pool } from '@pfo-workbench/process'
import { filesToCheck } from './check/files-to-check.ts'
import { breaksContract, verifyContracts } from './check/verify-contracts.ts'
import { scenarioHint } from './check/scenario-hint.ts'
import { patchesOf, preparePatches } from './check/patches-to-check.ts'
import { readPatches, type PatchInput } from './check/read-patches.ts'
import { UsageError } from './usage-error.ts'
import { readConfiguration } from './kernel/configure-tree.ts'
import { kernelCacheFolder, openTree } from './kernel/open-tree.ts'
import { checkWritable, writeReport, wantsColor } from './output.ts'
import { Progress } from './progress.ts'

export interface CheckArguments {
  readonly kernel: string
  readonly patches: readonly string[]
  readonly file?: readonly string[]
  readonly contracts?: readonly string[]
  readonly class?: readonly string[]
  readonly format: CheckFormat
  readonly output?: string
  readonly kept?: boolean
  readonly verifyContracts?: boolean
  readonly failOn: CheckFailOn
  readonly shard?: readonly [index: number, of: number]
  readonly config?: string
  readonly clang?: string
  readonly jobs?: number
}

/** A unit of work, with its name for the progress display. */
interface Work {
  readonly name: string
  readonly check: () => Promise<CheckedPatch>
}

/** `pfo check`: checks patches or files, or verifies contracts. Returns the exit code. */
export async function checkCommand(args: CheckArguments): Promise<number> {
  const { patches, file: paths = [], kernel, output, format } = args
  if (args.verifyContracts === true) {
    if (patches.length > 0) throw new UsageError('--verify-contracts reads the tree and takes no patches')
    if (format !== 'text' && format !== 'json')
      throw new UsageError(`--verify-contracts: it is printed as text or json, not as ${format}`)
  } else if (patches.length === 0 && paths.length === 0) {
    throw new UsageError('nothing to check: name patches, or files and folders of the tree after --file')
  }
  const contracts = (args.contracts ?? []).map(readContracts)
  const classes = classesOf(args.class, contracts)
  const configuration = args.config === undefined ? undefined : readConfig(args.config)
  if (output !== undefined) await checkWritable(output)
  const inputs = await readPatches(patches)
  const compiler = await findClang({ named: args.clang, env: process.env })
  const cache = kernelCacheFolder()
  const jobs = args.jobs ?? availableParallelism()
  const progress = new Progress(process.stderr, process.env, 'patches')
  try {
    progress.show({ variant: kernel, doing: 'reading the tree', done: 0, total: 0 })
    const { tree, notes } = await openTree(kernel, seriesWithBase(inputs), cache)
    const checker = new Checker({
      tree,
      compiler,
      cacheFolder: cache,
      jobs,
      contracts,
      classes,
      ...(configuration === undefined ? {} : { configuration }),
    })
    try {
      for (const note of notes) progress.say(note)
      if (args.verifyContracts === true) {
        const files = await verifyContracts({ tree, checker, paths, contracts, jobs, progress })
        const document = { kernel: tree.title, compiler: compiler.versionText, files }
        progress.clear()
        const text =
          format === 'json'
            ? `${JSON.stringify({ schemaVersion: 1, ...document }, null, 2)}\n`
            : verifiedText(document, contractsWith(contracts))
        await writeReport(text, output)
        return args.failOn !== 'never' && files.some(breaksContract) ? 1 : 0
      }
      const work: Work[] = inputs.flatMap((input) => worksOf(tree, input, checker))
      for (const path of await filesToCheck(tree, paths, contracts)) {
        work.push({ name: path, check: async () => checker.checkFile(path) })
      }
      const results = await checkAll(ofShard(work, args.shard), jobs, kernel, progress)
      const document: CheckDocument = {
        schemaVersion: 1,
        kernel: tree.title,
        compiler: compiler.versionText,
        ...(args.shard === undefined ? {} : { shard: { index: args.shard[0], of: args.shard[1] } }),
        patches: results,
      }
      const hint = await scenarioHint(results)
      if (hint !== null) progress.say(hint)
      progress.clear()
      const color = output === undefined && wantsColor(process.stdout, process.env)
      await writeReport(checkReport(document, format, { kept: args.kept ?? false, color }), output)
      return checkExitCode(document, args.failOn)
    } finally {
      await checker.dispose()
      await tree.dispose()
    }
  } finally {
    progress.clear()
  }
}

/**
 * The series whose `base-commit:` decides which commit of the tree is used. Empty if the inputs have different base
 * commits, or if only some of them have one.
 */
function seriesWithBase(inputs: readonly PatchInput[]): readonly PatchSeries[] {
  const all = inputs.flatMap((input) => (input.status === 'read' ? [input.parts] : []))
  const baseOf = (parts: readonly PatchSeries[]): string | undefined =>
    parts.find(({ baseCommit }) => baseCommit !== null)?.baseCommit ?? undefined
  return new Set(all.map(baseOf)).size === 1 ? all.flat() : []
}

/**
 * One unit of work per patch of an input, or one for a refused input. The first unit that runs applies all patches. The
 * last unit drops the texts of the files.
 */
function worksOf(tree: KernelTree, input: PatchInput, checker: Checker): Work[] {
  if (input.status === 'refused') {
    const { result } = input
    return [{ name: result.title, check: async () => Promise.resolve(result) }]
  }
  let prepared: ReturnType<typeof preparePatches> | null = null
  const patches = patchesOf(input.parts)
  let left = patches.length
  return patches.map(({ patch, source }, i) => ({
    name: patch.subject === '' ? source : patch.subject,
    check: async () => {
      const one = (await (prepared ??= preparePatches(tree, input.parts)))[i]
      if (--left === 0) prepared = null
      if (one === undefined) throw new Error(`${source}: patch ${i + 1} was not prepared`)
      return one.status === 'ready' ? checker.checkPatch(one.patch) : one.result
    },
  }))
}

/** Checks everything in parallel and keeps the order of the results. */
async function checkAll(
  work: readonly Work[],
  jobs: number,
  kernel: string,
  progress: Progress,
): Promise<CheckedPatch[]> {
  // One more than `jobs`, so that one patch can be compiled while another is executed.
  const pool = new Pool(jobs + 1)
  let done = 0
  progress.show({ variant: kernel, doing: null, done, total: work.length })
  return Promise.all(
    work.map(async ({ name, check }) =>
      pool.run(async () => {
        progress.show({ variant: name, doing: 'compiling and executing', done, total: work.length })
        const result = await check()
        done++
        progress.show({ variant: name, doing: null, done, total: work.length })
        return result
      }),
    ),
  )
}

function ofShard<T>(all: readonly T[], shard: CheckArguments['shard']): readonly T[] {
  if (shard === undefined) return all
  const [index, of] = shard
  return all.filter((_, i) => i % of === index - 1)
}

function readContracts(file: string): ContractFile {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (fault) {
    throw new UsageError(`--contracts ${file}: it cannot be read: ${messageOf(fault)}`, { cause: fault })
  }
  return parseContracts(text, file)
}

function readConfig(file: string): NamedConfiguration {
  return { name: basename(file), request: userProfile(readConfiguration(file), file) }
}

function classesOf(
  wanted: readonly string[] | undefined,
  contracts: readonly ContractFile[],
): readonly string[] {
  const table = contractsWith(contracts)
  if (wanted === undefined) return [...table.defaultClasses()]
  for (const name of wanted) {
    if (table.class(name) === undefined) {
      throw new UsageError(
        `--class ${name}: there is no such class. Known classes: ${table.classNames().join(', ')}`,
      )
    }
  }
  return wanted
}
