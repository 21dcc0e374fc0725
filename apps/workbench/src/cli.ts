// SPDX-License-Identifier: GPL-2.0-only
import { Command, InvalidArgumentError, Option } from 'commander'
import { checkFailOn, checkFormats } from '@pfo-workbench/check/choices'
import { modelledKernel } from '@pfo-workbench/engine-models/modelled-kernel'
import { reportFormats } from '@pfo-workbench/report/format-names'
import type { BuildArguments } from './build-command.ts'
import type { CheckArguments } from './check-command.ts'
import { cacheActions, failOnChoices, listable, type CacheAction, type Listable } from './choices.ts'
import type { CompareArguments } from './compare-command.ts'
import type { DiffArguments } from './diff-command.ts'
import type { ExplainArguments } from './explain-command.ts'
import { version } from './manifest.ts'
import type { MinimalArguments } from './minimal-command.ts'
import type { ReportArguments } from './report-arguments.ts'
import type { RunArguments } from './run-command.ts'
import { addKernelOptions } from './kernel/kernel-options.ts'

/** Upper limit of `--jobs`. */
const maxJobs = 1024

function numberOfJobs(value: string): number {
  const number = /^\d{1,4}$/.test(value) ? Number(value) : 0
  if (number < 1 || number > maxJobs)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${String(maxJobs)}.`)
  return number
}

function shard(value: string): [number, number] {
  const [, index = 0, of = 0] = /^(\d{1,6})\/(\d{1,6})$/.exec(value)?.map(Number) ?? []
  if (index < 1 || index > of)
    throw new InvalidArgumentError('It must be I/N with I from 1 to N, such as 2/5.')
  return [index, of]
}

/** Texts that several commands share. */
const variantWord = '"unpatched", ids of shipped patches and patch files, joined by "+"; "-" is stdin'
const scenarioWord = 'scenario id, or a scenario file (*.yaml)'
const someScenarios = [
  '--scenario <id...>',
  'scenarios to play: ids, prefixes of ids, patterns (lpm-*), files (*.yaml) or sets (standard, all) (default: standard)',
] as const
const outputFile = ['--output <file>', 'write to a file instead of stdout'] as const
const everything = [
  '--full',
  'text: print everything instead of one screen; on a terminal, through $PAGER',
] as const
const failOn = [
  '--fail-on <what>',
  'exit with code 1 if a variant cannot be judged, or has introduced findings (introduced), introduced or revealed findings (revealed), or any findings (any)',
] as const
const noCache = ['--no-cache', 'play everything again, and store no results'] as const

/** The `pfo` command with all its subcommands. It throws errors and never calls `process.exit`. */
export function makeCli(): Command {
  const program = new Command('pfo')
    .description(
      `Compares kernel patches on executable models of Linux ${modelledKernel}, or on the C of a kernel tree`,
    )
    .version(version)
    .exitOverride()
    .showHelpAfterError('(pfo --help lists commands and options)')
    .addHelpText('after', helpOnExitCodes)

  program
    .command('compare')
    .description('compare patches with the unpatched kernel, scenario by scenario')
    .argument(
      '[patch...]',
      'ids of shipped patches, patch files, mboxes, folders, "-" for stdin, or stacks of these joined by "+"; each is a variant (default: the variants of the series file; with --kernel, the shipped patches that fit)',
    )
    .option('--series <file>', 'series file to compare (default: the shipped patches/series.yaml)')
    .option(...someScenarios)
    .addOption(
      new Option('--format <format>', 'how to print the comparison').choices(reportFormats).default('text'),
    )
    .option('--each', 'compare each patch of a series, mbox or folder as a variant of its own')
    .option(...everything)
    .option(...outputFile)
    .addOption(new Option(...failOn).choices(failOnChoices).default('never'))
    .option('--jobs <n>', 'variants to run at the same time (default: one per processor)', numberOfJobs)
    .option(...noCache)
    .addHelpText('after', helpOnCompare)
    .action(async (patches: string[], options: Omit<CompareArguments, 'patches'>) => {
      if (options.kernel !== undefined)
        (await import('./kernel/begin-opening.ts')).beginOpening(options.kernel)
      const { compareCommand } = await import('./compare-command.ts')
      process.exitCode = await compareCommand({ ...options, patches })
    })

  program
    .command('report')
    .description('make a report from comparisons or checks saved as JSON; several documents are merged')
    .argument('<file...>', 'output of "pfo compare" or "pfo check" with --format json; "-" is stdin')
    .addOption(new Option('--format <format>', 'how to print it').choices(reportFormats).default('text'))
    .option(...everything)
    .option('--kept', 'checks: also show findings that the patches neither fix nor introduce')
    .option(...outputFile)
    .addOption(new Option(...failOn).choices(failOnChoices).default('never'))
    .addHelpText('after', helpOnReport)
    .action(async (files: string[], options: Omit<ReportArguments, 'files'>) => {
      const { reportCommand } = await import('./report-command.ts')
      process.exitCode = await reportCommand({ ...options, files })
    })

  program
    .command('minimal')
    .description('find minimal stacks of patches that leave no finding')
    .argument(
      '[patch...]',
      'ids of shipped patches, or patch files, to choose from (default: all shipped ones)',
    )
    .option('--allow <oracle...>', 'oracles whose findings are ignored')
    .option(...someScenarios)
    .addOption(
      new Option('--format <format>', 'how to print the result').choices(['text', 'json']).default('text'),
    )
    .option(...outputFile)
    .option('--jobs <n>', 'stacks to try at the same time (default: one per processor)', numberOfJobs)
    .option(...noCache)
    .addHelpText('after', helpOnMinimal)
    .action(async (patches: string[], options: Omit<MinimalArguments, 'patches'>) => {
      const { minimalCommand } = await import('./minimal-command.ts')
      process.exitCode = await minimalCommand({ ...options, patches })
    })

  program
    .command('run')
    .description('play one scenario on one variant and print the findings')
    .argument('<variant>', variantWord)
    .argument('<scenario>', scenarioWord)
    .option('--trace', 'print every event with its call chain')
    .addHelpText('after', helpOnRun)
    .action(
      async (variant: string, scenario: string, options: Omit<RunArguments, 'variant' | 'scenario'>) => {
        const { runCommand } = await import('./run-command.ts')
        await runCommand({ variant, scenario, ...options })
      },
    )

  program
    .command('explain')
    .description('explain a finding by the history of its object')
    .argument('<variant>', variantWord)
    .argument('[finding...]', 'ORACLE:SUBJECT as in the report, or a part of it (default: the worst finding)')
    .option(
      '--scenario <id>',
      'scenario whose run is explained (default: the first in which the finding has its worst status)',
    )
    .option(...noCache)
    .addHelpText('after', helpOnExplain)
    .action(
      async (variant: string, finding: string[], options: Omit<ExplainArguments, 'variant' | 'finding'>) => {
        const { explainCommand } = await import('./explain-command.ts')
        await explainCommand({ variant, finding, ...options })
      },
    )

  program
    .command('diff')
    .description('play one scenario on two variants and print the events that only one of them has')
    .usage('[options] <variant> <other> <scenario>')
    .argument('<operands...>', 'two variants and a scenario; with --against, only a scenario')
    .option('--against <what>', 'with --kernel: "models" compares the unpatched tree with the models')
    .addHelpText('after', helpOnDiff)
    .action(async (operands: string[], options: Omit<DiffArguments, 'operands'>) => {
      const { diffCommand } = await import('./diff-command.ts')
      await diffCommand({ operands, ...options })
    })

  program
    .command('build')
    .description('apply C patches to a kernel tree, and compile the files that they touch')
    .argument('<patch...>', 'patch files, mails or mboxes, applied in this order; "-" is stdin')
    .requiredOption(
      '--kernel <tree>',
      'the tree: a folder, or DIR@COMMIT (default commit: the base-commit of the patch, or HEAD)',
    )
    .option('--config <file>', 'a .config for 64-bit powerpc (default: the minimum that the scenarios need)')
    .option('--clang <file>', 'the compiler, clang 16 or later (default: PFO_CLANG, or the first in PATH)')
    .option('--revert', 'revert the patches in a tree that contains them')
    .option('--jobs <n>', 'files to compile at the same time (default: one per processor)', numberOfJobs)
    .addHelpText('after', helpOnBuild)
    .action(async (patches: string[], options: Omit<BuildArguments, 'patches'>) => {
      const { buildCommand } = await import('./build-command.ts')
      process.exitCode = await buildCommand({ ...options, patches })
    })

  program
    .command('port')
    .description('print a shipped patch as a C patch for a kernel tree')
    .argument('<id>', 'id of the patch, as in "pfo list patches --kernel TREE"')
    .requiredOption('--kernel <tree>', 'the tree: a folder, or DIR@COMMIT (default commit: HEAD)')
    .addHelpText('after', helpOnPort)
    .action(async (id: string, options: { kernel: string }) => {
      const { portCommand } = await import('./kernel/port-command.ts')
      await portCommand(id, options)
    })

  program
    .command('check')
    .description('execute the functions that C patches change, on all their paths, and count references')
    .argument('[patch...]', 'patch files, mails, mboxes or folders of them; "-" is stdin')
    .requiredOption(
      '--kernel <tree>',
      'the tree: a folder, or DIR@COMMIT (default commit: the base-commit of the patch, or HEAD)',
    )
    .option('--file <path...>', 'files or folders of the tree to check, without patches')
    .option('--contracts <file...>', 'additional contracts of functions, as JSON')
    .option('--class <name...>', 'classes of objects to examine (default: of_node, fwnode, device)')
    .addOption(
      new Option('--format <format>', 'how to print the result')
        .choices(checkFormats)
        .default(checkFormats[0]),
    )
    .option(...outputFile)
    .option('--kept', 'also show findings that the patches neither fix nor introduce')
    .addOption(
      new Option('--fail-on <condition>', 'when to exit with code 1')
        .choices(checkFailOn)
        .default(checkFailOn[0]),
    )
    .option(
      '--config <file>',
      'compile with this .config only, for powerpc or arm (default: one for each platform)',
    )
    .option(
      '--verify-contracts',
      "verify the contracts against the tree's own functions, and print the differences",
    )
    .option('--shard <i/n>', 'check only every n-th patch or file, starting with the i-th', shard)
    .option('--clang <file>', 'the compiler, clang 16 or later (default: PFO_CLANG, or the first in PATH)')
    .option(
      '--jobs <n>',
      'files to compile and execute at the same time (default: one per processor)',
      numberOfJobs,
    )
    .addHelpText('after', helpOnCheck)
    .action(async (patches: string[], options: Omit<CheckArguments, 'patches'>) => {
      const { checkCommand } = await import('./check-command.ts')
      process.exitCode = await checkCommand({ ...options, patches })
    })

  program
    .command('list')
    .description(`list ${listable.join(', ')}`)
    .argument('<what>', listable.join(' | '))
    .argument(
      '[match]',
      'list only entries with this text in their id; for symbols, in the name or the kernel file',
    )
    .option('--kernel <tree>', 'patches and symbols: list those of this kernel tree, a folder or DIR@COMMIT')
    .addHelpText('after', helpOnList)
    .action(async (what: Listable, match: string | undefined, options: { kernel?: string }) => {
      const { listCommand } = await import('./list-command.ts')
      await listCommand(what, match, options)
    })

  program
    .command('cache')
    .description('show the folder and size of the result cache, or remove stale results')
    .argument('<action>', cacheActions.join(' | '))
    .option('--all', 'prune: remove all results')
    .addHelpText('after', helpOnCache)
    .action(async (action: CacheAction, options: { all?: boolean }) => {
      const { cacheCommand } = await import('./cache-command.ts')
      await cacheCommand(action, options)
    })

  program
    .command('doctor')
    .description('check this machine (Node, git, clang, sandbox, cache) and print what to fix')
    .addOption(
      new Option('--format <format>', 'how to print the checks').choices(['text', 'json']).default('text'),
    )
    .addHelpText('after', '\nExit codes: 0 patches can be compared on this machine, 2 they cannot.')
    .action(async (options: { format: 'text' | 'json' }) => {
      const { doctorCommand } = await import('./doctor-command.ts')
      process.exitCode = await doctorCommand(options)
    })

  addKernelOptions(program)
  return program
}

const helpOnExitCodes = `
Exit codes: 0 done, 1 the condition of --fail-on holds, or as the help of the command says,
2 bad input, or none of the patches could be compared, 3 a fault of the workbench, 130 and 143
interrupted.`

const helpOnCompare = `
Examples:
  pfo compare                                    the shipped patches, the standard scenarios
  pfo compare wipe cache-fix+my.patch            ids, files, and stacks of both
  git diff | pfo compare -                       a diff from a pipe
  b4 am -o - MESSAGE-ID | pfo compare - --each   each patch of a series separately
  pfo compare my.patch --scenario lpm-twice-hierarchy
  pfo compare --format json --output result.json
  pfo compare my.patch --fail-on introduced      for CI
  pfo compare --kernel ~/linux my.patch          a C patch, on your own kernel tree
  pfo compare --kernel ~/linux@v6.6 series.mbox
  pfo compare --format mail                      to send as a reply to the list

Results are cached ("pfo cache --help"): only new runs are played.`

const helpOnReport = `
Examples:
  pfo compare --format json --output result.json
  pfo report result.json --format html --output result.html     the same page as from compare
  pfo report a.json b.json                                      two comparisons with the same kernel

  pfo check --kernel ~/linux --file drivers --shard 1/4 --format json --output 1.json
  pfo report 1.json 2.json 3.json 4.json                        one report of all shards

Comparisons can be merged if they have different variants in the same scenarios, or the same variants in
different scenarios. Checks can be merged if they are all shards of one check, or if they have the same
kernel and compiler.`

const helpOnMinimal = `
Examples:
  pfo minimal
  pfo minimal --scenario lpm-once-hierarchy lpm-twice-hierarchy
  pfo minimal cache-fix attach-subtree my.patch --allow console

The search starts from each maximal set of patches without conflicts. It removes the patches that are not
needed (delta debugging), then replaces one patch at a time by another.
Each printed stack is minimal: without any one of its patches, findings remain. There may be other
minimal stacks.

Exit codes: 0 found, 1 every stack that was tried leaves findings, 2 bad input, 3 a fault of the workbench.`

const helpOnExplain = `
Examples:
  pfo explain unpatched 'leak:/ibm,platform-facilities/ibm,random-v1[0]'
  pfo explain wipe 'use-after-free:/ibm,platform-facilities[1]' --scenario lpm-thrice-hierarchy
  pfo explain wipe                               the worst finding, and a list of the others
  pfo explain wipe stale-device                  the worst stale device`

const helpOnDiff = `
Examples:
  pfo diff unpatched wipe lpm-twice-hierarchy
  pfo diff wipe my.patch lpm-once-per-node
  pfo diff --kernel ~/linux unpatched my.patch ofdt-remove-add
  pfo diff --kernel ~/linux-4.18 --against models lpm-twice-hierarchy`

const helpOnBuild = `
Examples:
  pfo build --kernel ~/linux 0001-fix.patch
  pfo build --kernel ~/linux@v6.6 series.mbox
  pfo build --kernel /usr/src/linux-source-6.1 my.patch --config /boot/config-powerpc64le

The tree is only read, never written. No script or makefile of it is run. In a git repository, uncommitted
changes are ignored.

Exit codes: 0 all patches apply and compile, 1 a patch does not apply or a file does not compile, 2 bad
input, 3 a fault of the workbench.`

const helpOnPort = `
Examples:
  pfo port wipe --kernel ~/linux > wipe.patch
  pfo compare --kernel ~/linux                   compares all shipped patches that fit`

const helpOnCheck = `
Examples:
  pfo check --kernel ~/linux 0001-fix-refcount-leak.mbox
  pfo check --kernel ~/linux@v6.6 series.mbox --format mail
  pfo check --kernel ~/linux --file drivers/crypto/nx drivers/soc/fsl/qe/qe_io.c
  pfo check --kernel ~/linux --verify-contracts  do the functions of drivers/of keep their contracts?

Each changed function is executed in isolation, before and after the patch, with unknown arguments. Files that
are numbered as parts of a series ([PATCH 1/3], [PATCH 2/3]) are applied on top of each other, and other files
independently. Results are cached, so an interrupted check of many patches continues where it stopped.

Exit codes: 0 done, 1 the condition of --fail-on holds (introduced: a patch introduces an error or could
not be judged; any: also if an error is kept), 2 bad input, or no patch could be judged, 3 a fault of the
workbench.`

const helpOnRun = `
Examples:
  pfo run unpatched lpm-twice-hierarchy
  pfo run wipe lpm-thrice-per-node --trace
  pfo run wipe+cache-skip-detached lpm-once-hierarchy
  pfo run --kernel ~/linux unpatched lpm-twice-hierarchy --trace`

const helpOnCache = `
Examples:
  pfo cache path
  pfo cache info
  pfo cache prune            remove results of other versions of the workbench or the models
  pfo cache prune --all

The cache is in XDG_CACHE_HOME or ~/.cache. It can be deleted at any time; later runs fill it again.
If results exceed 2 GiB, the oldest are removed.`

const helpOnList = `
Examples:
  pfo list patches
  pfo list scenarios twice
  pfo list patches --kernel ~/linux               which shipped patches fit a tree
  pfo list symbols drivers/of/dynamic.c          kernel symbols, and where they are modelled`
