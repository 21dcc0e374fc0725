// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clang } from '@pfo-workbench/clang'
import { compare, type Comparison } from '@pfo-workbench/compare'
import { withTexts } from '@pfo-workbench/kernel-tree'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Stack } from '@pfo-workbench/run'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { runInSandbox, type JobResult } from '@pfo-workbench/variant'
import { createTwoFilesPatch } from 'diff'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { CEngine } from '../src/index.ts'
import { findRealKernel } from './support/real-kernel.ts'

const real = await findRealKernel('The kernel of a tree as an engine is')
/** The play module of the tests. */
const playModule = join(import.meta.dirname, 'support/play-module.ts')
/** The play module that returns a complete run. */
const recorder = join(import.meta.dirname, 'support/recorder.ts')
const reconfig = 'arch/powerpc/platforms/pseries/reconfig.c'
const scenarios = shippedScenarios().filter(({ id }) => id === 'ofdt-remove-add')

describe.runIf(real !== null)('the kernel of a tree as an engine', () => {
  let engine: CEngine

  beforeAll(async () => {
    if (real !== null) engine = await CEngine.create(real)
  }, 600_000)
  afterAll(async () => engine[Symbol.asyncDispose]())

  /** A patch made from the tree's own text. */
  const edited = (path: string, edit: (text: string) => string): Stack<PatchSeries> =>
    editedAll({ [path]: edit })
  function editedAll(edits: Readonly<Record<string, (text: string) => string>>): Stack<PatchSeries> {
    const diffs = Object.entries(edits).map(([path, edit]) => {
      const text = readFileSync(join(real?.folder ?? '', path), 'utf8')
      const diff = createTwoFilesPatch(`a/${path}`, `b/${path}`, text, edit(text), '', '')
      return `diff --git a/${path} b/${path}\n${diff.replace(/^=+\n/, '')}`
    })
    const mail = `From: A <a@example.org>\nSubject: [PATCH] edit\n\n---\n${diffs.join('')}`
    const patches = [{ id: 'edit', series: engine.readPatch(mail, 'edit.patch') }]
    return { id: 'edit', title: 'edit', patches }
  }
  const play = async (stack: Stack<PatchSeries>): Promise<Comparison> =>
    compare({ engine, stacks: [stack], scenarios, interactions: false })
  const variant = (comparison: Comparison): Comparison['variants'][number] | undefined =>
    comparison.variants.find(({ id }) => id === 'edit')
  const putTwice = (text: string): string =>
    text.replace('\tof_detach_node(np);\n', '\tof_detach_node(np);\n\tof_node_put(np);\n')

  it('reports its identity and its inputs', () => {
    expect(engine.kernel).toMatch(/^\d+\.\d+/)
    expect(engine.compiler).toMatch(/^clang \d+\.\d+\.\d+$/)
    expect(engine.configuration).toMatch(
      /^powerpc64le, \d+ symbols set, CONFIG_CRYPTO_DEV_NX_ENCRYPT forced$/,
    )
  })

  describe('that compiles the files of the first stack ahead', () => {
    const ahead = async (first: Stack<PatchSeries>): Promise<CEngine> => {
      if (real === null) throw new Error('no kernel tree')
      return CEngine.create({ ...real, first })
    }

    it('builds the same program', async () => {
      const stack = edited(reconfig, (text) => `${text}int compiled_ahead;\n`)
      await using other = await ahead(stack)
      const built = await other.build(stack, { depth: 'bundled', playModule })
      const expected = await engine.build(stack, { depth: 'bundled', playModule })
      expect(built).toMatchObject({ status: 'ok', hash: expected.hash })
      expect(built.bundle).toBe(expected.bundle)
    })

    it('builds other stacks without it', async () => {
      await using other = await ahead(edited(reconfig, (text) => `${text}int of_the_first;\n`))
      const stack = edited(reconfig, putTwice)
      const built = await other.build(stack, { depth: 'bundled', playModule })
      expect(built.bundle).toBe((await engine.build(stack, { depth: 'bundled', playModule })).bundle)
    })

    it('gives the reason when the stack is built, if it does not apply or compile', async () => {
      const mail = `From: A <a@example.org>\nSubject: [PATCH] none\n\n---\ndiff --git a/${reconfig} b/${reconfig}
--- a/${reconfig}\n+++ b/${reconfig}\n@@ -1 +1 @@\n-is not there\n+neither\n`
      const conflict = {
        id: 'edit',
        title: 'edit',
        patches: [{ id: 'edit', series: engine.readPatch(mail, 'edit.patch') }],
      }
      const invalid = edited(reconfig, (text) => `${text}no C\n`)
      for (const [stack, status] of [
        [conflict, 'conflict'],
        [invalid, 'invalid'],
      ] as const) {
        await using other = await ahead(stack)
        const expected = await engine.build(stack, { depth: 'bundled', playModule })
        expect(expected.status).toBe(status)
        expect(await other.build(stack, { depth: 'bundled', playModule })).toEqual(expected)
      }
    })

    it('compiles no file twice, even if that fails', async () => {
      if (real === null) throw new Error('no kernel tree')
      const compile = vi.spyOn(real.clang, 'compile')
      onTestFinished(() => {
        compile.mockRestore()
      })
      for (const [line, status] of [
        ['int compiled_once;', 'ok'],
        ['not compiled once', 'invalid'],
      ] as const) {
        // The cache of an earlier test run would have the object of the same text.
        const stack = edited(reconfig, (text) => `${text}${line} /* ${String(process.hrtime.bigint())} */\n`)
        await using other = await ahead(stack)
        const built = await other.build(stack, { depth: 'bundled', playModule })
        expect(built.status).toBe(status)
      }
      expect(compile.mock.calls.map(([{ file }]) => file)).toEqual([reconfig, reconfig])
    })

    it.each(['timeout', 'crashed'] as const)(
      'compiles a file again if the first try ends as "%s"',
      async (status) => {
        if (real === null) throw new Error('no kernel tree')
        const compile = vi.spyOn(real.clang, 'compile')
        onTestFinished(() => {
          compile.mockRestore()
        })
        compile.mockImplementationOnce(async (job) => {
          job.onStart?.()
          return Promise.resolve({ status, reason: 'the machine is busy', diagnostics: '' })
        })
        const text = `int compiled_again; /* ${String(process.hrtime.bigint())} */\n`
        const stack = edited(reconfig, (before) => before + text)
        await using other = await ahead(stack)
        expect(await other.build(stack, { depth: 'bundled', playModule })).toMatchObject({ status: 'ok' })
        expect(compile.mock.calls.map(([{ file }]) => file)).toEqual([reconfig, reconfig])
      },
    )

    it('can be disposed of while they compile', async () => {
      const other = await ahead(edited(reconfig, (text) => `${text}int never_built;\n`))
      await expect(other[Symbol.asyncDispose]()).resolves.toBeUndefined()
    })
  })

  it('plays a patch in the sandbox, and finds what it changes', async () => {
    const comparison = await play(edited(reconfig, putTwice))
    expect(variant(comparison)).toMatchObject({ status: 'ok', exercised: true })
    const [cell] = comparison.cells.filter(({ variant: id }) => id === 'edit')
    expect(cell?.findings.some(({ status }) => status !== 'kept')).toBe(true)
  })

  it('plays a scenario after others exactly as alone, whatever those left in memory', async () => {
    // A patch that counts in its own memory.
    const dirty = edited(reconfig, (text) =>
      text.replace(
        /^static int pSeries_reconfig_remove_node\(.*\n\{\n/m,
        (head) => `static int removed;\n${head}\tpr_info("removed %d\\n", ++removed);\n`,
      ),
    )
    const { bundle = '' } = await engine.build(dirty, { depth: 'bundled', playModule: recorder })
    const named = ['memory-pressure', 'lpm-twice-per-node', 'ofdt-remove-add', 'driver-reload-after-lpm']
    const all = shippedScenarios().filter(({ id }) => named.includes(id))
    const jobs = all.map((scenario) => JSON.stringify({ scenario, trace: true }))
    const results = async (some: readonly string[]): Promise<JobResult[]> => {
      const found: JobResult[] = []
      for await (const result of runInSandbox(bundle, some, undefined, undefined, 'wasm')) found.push(result)
      return found
    }
    const alone: JobResult[] = []
    for (const job of jobs) alone.push(...(await results([job])))
    expect(alone.map(({ status }) => status)).toEqual(named.map(() => 'ok'))
    expect(await results([...jobs, ...jobs])).toEqual([...alone, ...alone])
  })

  it('stops clang when the caller aborts', async () => {
    const stop = new Error('enough')
    const stack = edited(reconfig, (text) => `${text}\nint added_for_this_test;\n`)
    const options = { depth: 'bundled', playModule, signal: AbortSignal.abort(stop) } as const
    await expect(engine.build(stack, options)).rejects.toThrow(stop)
  })

  it('does not make a patch invalid if the compiler is stopped while it makes headers', async () => {
    if (real === null) return
    const stopped = { status: 'timeout', reason: 'no time', diagnostics: '' } as const
    let isStopped = false
    const clang: Pick<Clang, 'compiler' | 'compile'> = {
      compiler: real.clang.compiler,
      compile: async (...job) => (isStopped ? Promise.resolve(stopped) : real.clang.compile(...job)),
    }
    await using other = await CEngine.create({ ...real, clang: clang as Clang })
    isStopped = true
    const stack = edited('include/linux/of.h', (text) => `${text}\n#define ADDED_FOR_THIS_TEST 1\n`)
    expect(await other.build(stack, { depth: 'bundled', playModule })).toMatchObject({
      status: 'crashed',
      reason: 'the patched tree cannot be configured: include/generated/bounds.h was not made: no time',
    })
  })

  it('gives evidence with file and line', async () => {
    const comparison = await play(edited(reconfig, putTwice))
    const frames = comparison.cells.flatMap(({ findings }) =>
      findings.flatMap(({ evidence }) => evidence.flatMap(({ chain }) => chain)),
    )
    expect(frames.length).toBeGreaterThan(0)
    expect(frames.every(({ file, line }) => file?.endsWith('.c') === true || (line ?? 0) > 0)).toBe(true)
  })

  it('does not play a patch that does not compile, and quotes clang', async () => {
    const comparison = await play(
      edited(reconfig, (text) => text.replace('of_detach_node(np)', 'of_detach_node(nope)')),
    )
    expect(variant(comparison)).toMatchObject({ status: 'invalid' })
    expect(variant(comparison)?.reason).toMatch(
      /reconfig\.c does not compile: line \d+: use of undeclared identifier 'nope'[^\n]*\n.*error: use of undeclared identifier 'nope'/,
    )
  })

  const panic = (text: string): string => text.replace(/^(void panic\([^)]*\)\n\{\n)/m, '$1\tpr_info("x");\n')

  it('plays a patch in part if some of its files are not among those that run, and says so', async () => {
    const comparison = await play(editedAll({ [reconfig]: putTwice, 'kernel/panic.c': panic }))
    expect(variant(comparison)).toMatchObject({ status: 'ok', exercised: true })
    expect(
      variant(comparison)?.exercise.map(({ file, scenarios: ran, never }) => [file, ran.length, never]),
    ).toEqual(
      expect.arrayContaining([
        [reconfig, 1, undefined],
        ['kernel/panic.c', 0, 'the file is not among those that the scenarios run'],
      ]),
    )
  })

  it('plays a patch of documentation and of a help text, of which nothing can run', async () => {
    const comparison = await play(
      editedAll({
        'Documentation/process/howto.rst': (text) => `${text}\nMore.\n`,
        'arch/powerpc/platforms/pseries/Kconfig': (text) =>
          text.replace(/\thelp\n\s+\S.*\n/, (help) => `${help}\t  More help.\n`),
      }),
    )
    expect(variant(comparison)).toMatchObject({ status: 'ok', exercised: false, exercise: [] })
  })

  it('cuts short a run that reaches a function which nobody supplies, and plays the other scenarios', async () => {
    const stack = edited(reconfig, (text) =>
      text
        .replace('\tof_detach_node(np);\n', '\tof_detach_node(np);\n\tkernel_power_off();\n')
        .replace('#include <linux/kernel.h>\n', '#include <linux/kernel.h>\n#include <linux/reboot.h>\n'),
    )
    const other = shippedScenarios().filter(({ id }) => id === 'lpm-once-hierarchy')
    const comparison = await compare({
      engine,
      stacks: [stack],
      scenarios: [...scenarios, ...other],
      interactions: false,
    })
    const cells = comparison.cells.filter(({ variant: id }) => id === 'edit')
    expect(cells.map(({ scenario, outcome }) => [scenario, outcome])).toEqual([
      ['ofdt-remove-add', 'unmodelled'],
      ['lpm-once-hierarchy', 'completed'],
    ])
    expect(cells[0]?.unmodelled).toMatchObject({
      function: 'kernel_power_off',
      chain: [{ function: 'pSeries_reconfig_remove_node' }, { function: 'do_remove_node' }, {}],
    })
    // Findings from before the end of the run count. The end itself adds none.
    expect(cells.flatMap(({ findings }) => findings).filter(({ status }) => status === 'introduced')).toEqual(
      [],
    )
  })

  it('is refused with file and message if the tree does not build without a patch', async () => {
    if (real === null) return
    const tree = withTexts(real.tree, new Map([['lib/kobject.c', 'int broken(void) { return nope; }\n']]))
    await expect(CEngine.create({ ...real, tree })).rejects.toThrow(
      /lib\/kobject\.c[^]*use of undeclared identifier 'nope'/,
    )
  })

  it('detects a patch of which no code runs', async () => {
    const built = await engine.build(edited('kernel/panic.c', panic), {
      depth: 'bundled',
      playModule,
    })
    expect(built).toMatchObject({ status: 'ok' })
    expect(built.statements).toMatchObject([{ never: 'the file is not among those that the scenarios run' }])
  })

  it('recompiles only the files that include a changed header', async () => {
    const header = (text: string): string =>
      text.replace(/(static inline int of_node_check_flag\([^)]*\)\n\{\n)/, '$1\tbarrier();\n')
    const built = await engine.build(edited('include/linux/of.h', header), {
      depth: 'bundled',
      playModule,
    })
    expect(built.status).toBe('ok')
    expect(built.statements.some(({ file }) => file === 'include/linux/of.h')).toBe(true)
  })

  it('gives the same patch the same hash, and a different one a different hash', async () => {
    const options = { depth: 'applied', playModule: '' } as const
    const hashes = [putTwice, putTwice, (text: string) => `${text}\n`].map(async (edit) =>
      engine.build(edited(reconfig, edit), options),
    )
    const [first, second, third] = (await Promise.all(hashes)).map(({ hash }) => hash)
    expect(second).toBe(first)
    expect(third).not.toBe(first)
  })
})
