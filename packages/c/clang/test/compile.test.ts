// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownedPrefix } from '@pfo-workbench/process'
import { afterEach, describe, expect, it } from 'vitest'
import { Clang, compileLimits, type Compiled, type CompileJob, type ClangOptions } from '../src/index.ts'
import { compilerHere } from './support/compiler.ts'
import { folderWith } from './support/folders.ts'

const compiler = await compilerHere()
const opened = new Set<Clang>()

function open(options: ClangOptions = {}): Clang {
  if (compiler === null) throw new Error('a test without a compiler runs')
  const clang = new Clang(compiler, options)
  opened.add(clang)
  return clang
}

afterEach(async () => {
  for (const clang of opened) await clang.dispose()
  opened.clear()
})

const flags = ['--target=powerpc64le-linux-gnu', '-nostdinc', '-std=gnu11', '-Iinclude', '-Idrivers']

/** A job that compiles `drivers/x.c` of a tree with these files. */
function jobIn(files: Readonly<Record<string, string>>, more: Partial<CompileJob> = {}): CompileJob {
  const from = folderWith(files)
  return {
    file: 'drivers/x.c',
    flags,
    mounts: [{ path: '', from }],
    texts: new Map(),
    warnings: false,
    ...more,
  }
}

const compile = async (
  files: Readonly<Record<string, string>>,
  more: Partial<CompileJob> = {},
): Promise<Compiled> => open().compile(jobIn(files, more))

const diagnosticsOf = (compiled: Compiled): string => `${compiled.status}: ${compiled.diagnostics}`

describe.runIf(compiler !== null)('with clang (skipped if not installed)', () => {
  describe('a file of the tree', () => {
    const files = {
      'drivers/x.c':
        '#include <linux/a.h>\n#include "b.h"\nint f(void) { return A + B; }\nconst char *n = __FILE__;\n',
      'include/linux/a.h': '#define A 40\n',
      'drivers/b.h': '#define B 2\n',
    }

    it('becomes unoptimized IR with line numbers, whose paths are all relative to the tree', async () => {
      const result = await compile({
        ...files,
        'drivers/x.c': `${files['drivers/x.c']}static inline int g(int x) { return x; }\nint h(void) { int y = g(1); return y; }\n`,
      })
      if (result.status !== 'ok') throw new Error(diagnosticsOf(result))
      expect(result.headers).toEqual(['drivers/x.c', 'include/linux/a.h', 'drivers/b.h'])
      expect(result.ir).toContain('ret i32 42')
      expect(result.ir).toContain('c"drivers/x.c\\00"')
      expect(result.ir).toContain('!DIFile(filename: "drivers/x.c", directory: "."')
      expect(result.ir).toMatch(/call \w+ (?:signext )?i32 @g\(|call i32 @g\(|call signext i32 @g\(/)
      expect(result.ir).toContain('alloca i32')
      expect(result.ir).not.toContain(tmpdir())
    })

    it('is preprocessed to the text of taken branches, with the macros defined there', async () => {
      const text = await open().preprocess(
        jobIn({
          'drivers/x.c': '#include "b.h"\n#ifdef NEVER\nint f(void);\n#else\nint g(void);\n#endif\n',
          'drivers/b.h': '#ifndef B_H\n#define B_H\n#endif\n',
        }),
      )
      expect(text).toContain('#define B_H')
      expect(text).toContain('int g(void);')
      expect(text).not.toContain('int f(void);')
    })

    it('has no preprocessed text if the preprocessor fails', async () => {
      expect(await open().preprocess(jobIn({ 'drivers/x.c': '#error no\n' }))).toBeNull()
    })

    it('compiles to identical IR wherever the tree is stored', async () => {
      const [first, second] = [await compile(files), await compile(files)]
      expect(first).toEqual(second)
    })

    it('can be replaced, added or removed by texts', async () => {
      const texts = new Map([['drivers/b.h', '#define B 3\n']])
      const over = await compile(files, { texts })
      expect(over.status === 'ok' && over.ir).toContain('ret i32 43')
      const added = await compile(
        { 'include/linux/a.h': '#define A 1\n' },
        {
          texts: new Map([
            ['drivers/x.c', files['drivers/x.c']],
            ['drivers/b.h', '#define B 1\n'],
          ]),
        },
      )
      expect(added.status === 'ok' && added.ir).toContain('ret i32 2')
      const removed = await compile(files, { texts: new Map([['drivers/b.h', null]]) })
      expect(diagnosticsOf(removed)).toContain("drivers/x.c:2:10: fatal error: 'b.h' file not found")
    })

    it('is taken from the first mount that contains its folder', async () => {
      const generated = folderWith({ 'g.h': '#define G 1\n' })
      const stale = {
        'include/generated/g.h': '#define G 2\n',
        'include/generated/old.h': '',
        'drivers/x.c': '#include <generated/g.h>\nint f(void) { return G; }\n',
      }
      const job = jobIn(stale)
      const mounts = [{ path: 'include/generated', from: generated }, ...job.mounts]
      const found = await open().compile({ ...job, mounts })
      expect(found.status === 'ok' && found.ir).toContain('ret i32 1')
      const hidden = await open().compile({
        ...job,
        mounts,
        texts: new Map([['drivers/x.c', '#include <generated/old.h>\n']]),
      })
      expect(hidden.status).toBe('invalid')
    })

    it('is written to disk when the compiler misses it', async () => {
      const far = folderWith({ 'far.h': '#include "farther/f.h"\n', 'farther/f.h': '#define F 7\n' })
      const asked: string[] = []
      const job = jobIn({ 'drivers/x.c': '#include "../sound/far.h"\nint f(void) { return F; }\n' })
      const provide = async (paths: readonly string[]): Promise<CompileJob['mounts']> => {
        asked.push(...paths)
        const more = paths.includes('sound/far.h') ? [{ path: 'sound', from: far }] : []
        return Promise.resolve([...more, ...job.mounts])
      }
      const result = await open().compile({ ...job, provide })
      expect(result.status === 'ok' && result.ir).toContain('ret i32 7')
      expect(asked).toContain('sound/far.h')
      const nowhere = await open().compile({ ...job, provide: async () => Promise.resolve(job.mounts) })
      expect(nowhere.status).toBe('invalid')
    })

    it('that is missing because its folder was deleted is no fault of the C file', async () => {
      const job = jobIn(files)
      const generated = join(folderWith({ 'generated/g.h': '' }), 'generated')
      rmSync(generated, { recursive: true })
      for (const code of ['#include <generated/g.h>\n', 'int x;\n']) {
        const texts = new Map([['drivers/x.c', code]])
        const mounts = [{ path: 'include/generated', from: generated }, ...job.mounts]
        const reason = `compiling drivers/x.c: ${generated} was deleted meanwhile`
        expect(await open().compile({ ...job, mounts, texts })).toMatchObject({ status: 'crashed', reason })
      }
    })

    it.each(['powerpc64le-linux-gnu', 'powerpc64-linux-gnu', 'powerpc-linux-gnu', 'arm-linux-gnueabi'])(
      'compiles for %s',
      async (target) => {
        const result = await compile(files, { flags: [...flags, `--target=${target}`] })
        const arch = target.slice(0, target.indexOf('-'))
        expect(result.status === 'ok' && result.ir).toMatch(
          new RegExp(`target triple = "${arch}[v\\dte]*-[^"]*linux-gnu`),
        )
      },
    )
  })

  describe('diagnostics', () => {
    it('are what clang prints', async () => {
      const result = await compile({
        'drivers/x.c': '#include "x.h"\n',
        'drivers/x.h': 'int f(void)\n{\n\treturn nope;\n}\n',
      })
      expect(result.status).toBe('invalid')
      expect(result.diagnostics).toContain('In file included from drivers/x.c:1:\n')
      expect(result.diagnostics).toMatch(/^drivers\/x\.h:3:9: error: use of undeclared identifier 'nope'$/m)
      expect(result.diagnostics).toContain('1 error generated.')
    })

    it('include warnings on request', async () => {
      const files = {
        'drivers/x.c': 'int f(void) { int x; return 0; }\nstatic int unused(void) { return 1; }\n',
      }
      const quiet = await compile(files)
      expect(quiet).toMatchObject({ status: 'ok', diagnostics: '' })
      const loud = await compile(files, { warnings: true })
      expect(loud.status).toBe('ok')
      expect(loud.diagnostics).toContain("drivers/x.c:1:19: warning: unused variable 'x' [-Wunused-variable]")
      expect(loud.diagnostics).toContain("unused function 'unused'")
    })

    it('treat a call of an undeclared function as an error, as the kernel does', async () => {
      const result = await compile({ 'drivers/x.c': 'int f(void) { return g(); }\n' }, { warnings: true })
      expect(diagnosticsOf(result)).toMatch(/^invalid: [^]*implicit/)
    })
  })

  describe('a hostile file', () => {
    it.each([
      ['an absolute include', '#include "/etc/passwd"\n'],
      ['an include path that leaves the tree', '#include "../../../../../../../../etc/passwd"\n'],
      ['a header of the machine', '#include <stdio.h>\n'],
      ['a header of the compiler', '#include <stdarg.h>\n'],
      ['an include of a device', '#include "/dev/zero"\n'],
      ['an include from /proc', '#include "/proc/self/environ"\n'],
      ['an include that does not exist', '#include_next <linux/kernel.h>\n'],
    ])('with %s reads nothing outside of the tree', async (_what, text) => {
      const result = await compile({ 'drivers/x.c': text })
      expect(result.status).toBe('invalid')
      expect(result.diagnostics).toContain('file not found')
      expect(result.diagnostics).not.toContain('root:')
    })

    it('with #embed or __has_include sees nothing outside of the tree', async () => {
      const result = await compile({
        'drivers/x.c':
          '#if __has_include("/etc/passwd")\n#error seen\n#endif\n#ifdef __has_embed\n#if __has_embed("/etc/passwd")\n#error seen\n#endif\nconst char x[] = {\n#embed "/etc/passwd"\n};\n#else\n#error no embed\n#endif\n',
      })
      expect(result.status).toBe('invalid')
      expect(result.diagnostics).not.toContain('#error seen')
      expect(result.diagnostics).toMatch(/no embed|'\/etc\/passwd' file not found/)
    })

    it('with .incbin keeps the directive as text', async () => {
      const result = await compile({ 'drivers/x.c': 'asm(".incbin \\"/etc/passwd\\"");\n' })
      expect(result.status === 'ok' && result.ir).toContain('module asm ".incbin')
      expect(result.status === 'ok' && result.ir).not.toContain('root:')
    })

    it('cannot read a symbolic link that is hidden', async () => {
      const outside = folderWith({ 'secret.h': '#define SECRET 1\n' })
      const job = jobIn({ 'drivers/x.c': '#include "link.h"\n' })
      symlinkSync(join(outside, 'secret.h'), join(job.mounts[0]?.from ?? '', 'drivers/link.h'))
      const mounts = [{ path: 'drivers/link.h', from: '/dev/null/nowhere' }, ...job.mounts]
      expect((await open().compile({ ...job, mounts })).status).toBe('invalid')
    })

    it('that includes itself endlessly is an error', async () => {
      const result = await compile({ 'drivers/x.c': '#include "x.c"\n#include "x.c"\n' })
      expect(result.diagnostics).toContain('nested too deeply')
      expect(result.status).toBe('invalid')
    })

    it('that expands exponentially is stopped', async () => {
      const levels = Array.from(
        { length: 40 },
        (_, at) => `#define A${String(at + 1)} A${String(at)} A${String(at)} A${String(at)} A${String(at)}\n`,
      )
      const clang = open({ limits: { ...compileLimits, milliseconds: 4_000, memoryMegabytes: 400 } })
      const result = await clang.compile(
        jobIn({ 'drivers/x.c': `#define A0 x,\n${levels.join('')}int y[] = { A40 };\n` }),
      )
      expect(['timeout', 'crashed', 'invalid']).toContain(result.status)
      expect(result.status === 'ok').toBe(false)
    })

    it('whose IR is too large is stopped', async () => {
      const clang = open({ limits: { ...compileLimits, outputBytes: 2_000 } })
      const result = await clang.compile(jobIn({ 'drivers/x.c': 'int f(int x) { return x + 1; }\n' }))
      expect(result).toMatchObject({
        status: 'crashed',
        reason: 'compiling drivers/x.c: it printed more than 0 MB',
      })
    })

    it('that includes a named pipe is stopped', async () => {
      const job = jobIn({ 'drivers/x.c': '#include "pipe.h"\n' })
      execFileSync('mkfifo', [join(job.mounts[0]?.from ?? '', 'drivers/pipe.h')])
      const clang = open({ limits: { ...compileLimits, milliseconds: 1_500 } })
      const result = await clang.compile(job)
      expect(['timeout', 'invalid']).toContain(result.status)
    })

    it('with pragmas and attributes for plugins and linkers is treated as plain C', async () => {
      const result = await compile({
        'drivers/x.c':
          '#pragma comment(lib, "evil")\n#pragma GCC system_header\n#pragma clang module load evil\n__attribute__((annotate("x"))) int y;\n',
      })
      expect(['ok', 'invalid']).toContain(result.status)
    })
  })

  describe('jobs', () => {
    it('run in parallel without interference', async () => {
      const clang = open({ jobs: 2 })
      const results = await Promise.all(
        Array.from({ length: 5 }, async (_, at) =>
          clang.compile(jobIn({ 'drivers/x.c': `int f(void) { return ${String(at)}; }\n` })),
        ),
      )
      expect(
        results.map((result, at) => result.status === 'ok' && result.ir.includes(`ret i32 ${String(at)}`)),
      ).toEqual(results.map(() => true))
    })

    it('end when aborted, and do not block later jobs', async () => {
      const clang = open({ jobs: 1 })
      const abort = new AbortController()
      const files = { 'drivers/x.c': 'int x;\n' }
      const all = Promise.allSettled([1, 2, 3].map(async () => clang.compile(jobIn(files), abort.signal)))
      abort.abort(new Error('enough'))
      for (const result of await all)
        expect(result).toMatchObject({ status: 'rejected', reason: { message: 'enough' } })
      expect((await clang.compile(jobIn(files))).status).toBe('ok')
    })

    it('leave no temporary files', async () => {
      const ours = (): string[] =>
        readdirSync(tmpdir()).filter((name) => name.startsWith(ownedPrefix('pfo-clang')))
      const before = ours()
      const clang = open()
      await clang.compile(jobIn({ 'drivers/x.c': 'int x;\n' }))
      await clang.compile(jobIn({ 'drivers/x.c': 'int x\n' }))
      const [folder = '', ...more] = ours().filter((name) => !before.includes(name))
      expect(more).toEqual([])
      expect(readdirSync(join(tmpdir(), folder))).toEqual([])
      await clang.dispose()
      expect(ours()).toEqual(before)
    })
  })
})
