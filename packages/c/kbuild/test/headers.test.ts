// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withTexts } from '@pfo-workbench/kernel-tree'
import { ConfiguredTree, configure, KbuildError, type CompileConstants } from '../src/index.ts'
import { constantsHeader } from '../src/headers/constants.ts'
import { machTypesHeader } from '../src/headers/mach-types.ts'
import { syscallHeaders } from '../src/headers/syscalls.ts'
import { timeconst } from '../src/headers/timeconst.ts'
import { vdsoHeaders } from '../src/headers/vdso.ts'
import { buildOf, little, makeFolder, topMakefile, treeOf } from './support/tree.ts'

/** Macros of a header, by name. */
const macrosOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/^#define (\w+) (.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  )

describe('time constants', () => {
  // Output of kernel/time/timeconst.bc of 6.1.
  it.each([
    [
      250,
      {
        HZ_TO_MSEC_MUL32: '0x80000000ULL',
        HZ_TO_MSEC_SHR32: '29',
        MSEC_TO_HZ_ADJ32: '0x180000000ULL',
        MSEC_TO_HZ_SHR32: '33',
        USEC_TO_HZ_MUL32: '0x83126E98ULL',
        USEC_TO_HZ_ADJ32: '0x7FF7CED9168ULL',
        USEC_TO_HZ_SHR32: '43',
        HZ_TO_NSEC_NUM: '4000000',
        NSEC_TO_HZ_DEN: '4000000',
      },
    ],
  ])('for HZ %i are those of the kernel', (hz, expected) => {
    expect(macrosOf(timeconst(hz))).toMatchObject(expected)
  })

  it.each([24, 48, 100, 128, 256, 300, 512, 1000, 1024, 1200])(
    'for HZ %i convert with no error other than rounding',
    (hz) => {
      const macros = macrosOf(timeconst(hz))
      const number = (name: string): bigint => BigInt((macros[name] ?? '').replace('ULL', ''))
      for (const [name, n, d] of [
        ['HZ_TO_MSEC', 1000n, BigInt(hz)],
        ['MSEC_TO_HZ', BigInt(hz), 1000n],
        ['USEC_TO_HZ', BigInt(hz), 1_000_000n],
      ] as const) {
        const [mul, adj, shift] = ['MUL32', 'ADJ32', 'SHR32'].map((part) => number(`${name}_${part}`))
        expect(mul ?? 0n).toBeGreaterThanOrEqual(1n << 31n)
        expect(mul ?? 0n).toBeLessThan(1n << 32n)
        // Conversions to jiffies round up, which is the purpose of the addend.
        for (const value of [0n, 1n, 7n, 999n, 1000n, 123_456n])
          expect((value * (mul ?? 0n) + (adj ?? 0n)) >> (shift ?? 0n)).toBe((value * n + d - 1n) / d)
      }
    },
  )
})

describe('constants of a compiled file', () => {
  it('are extracted from the assembler in its IR', () => {
    const ir = `  call void asm sideeffect "\\0A.ascii \\22->NR_PAGEFLAGS $0 __NR_PAGEFLAGS\\22", "i"(i64 22) #1, !dbg !7
  tail call void asm sideeffect "\\0A.ascii \\22->SIZE \${0:c} sizeof(x)\\22", "i"(i32 noundef -4) #1
  call void asm sideeffect "\\0A.ascii \\22->\\22", ""() #1
  call void asm sideeffect "nop", "~{memory}"() #1`
    expect(constantsHeader(ir)).toBe('#define NR_PAGEFLAGS 22\n#define SIZE -4\n')
  })

  it('are compiled once, in the order of their dependencies', async () => {
    const tree = await treeOf({ 'kernel/bounds.c': '', 'arch/powerpc/kernel/asm-offsets.c': '' })
    const options = { cacheFolder: makeFolder(), clang: 190107 }
    const configuration = await configure(tree, little, options)
    const asked: string[] = []
    const create = async (): Promise<ConfiguredTree> =>
      ConfiguredTree.create(tree, configuration, {
        ...options,
        compiler: 'c',
        compileConstants: async ({ file, mounts }) => {
          const bounds = readFileSync(join(mounts[0]?.from ?? '', 'bounds.h'), 'utf8')
          asked.push(`${file}: ${bounds.trim()}`)
          return Promise.resolve({
            status: 'ok',
            ir: `asm sideeffect "->X $0", "i"(i64 ${String(asked.length)})`,
          })
        },
      })
    const first = await create()
    const second = await create()
    expect(asked).toEqual(['kernel/bounds.c: ', 'arch/powerpc/kernel/asm-offsets.c: #define X 1'])
    expect(second.id).toBe(first.id)
    const [generated] = (await second.jobOf('a.c')).mounts
    expect(readFileSync(join(generated?.from ?? '', 'asm-offsets.h'), 'utf8')).toBe('#define X 2\n')
  })

  it('whose file does not compile are an error with the reason, and nothing is cached', async () => {
    const tree = await treeOf({ 'kernel/bounds.c': '' })
    const options = { cacheFolder: makeFolder(), clang: 190107 }
    const configuration = await configure(tree, little, options)
    const result = ConfiguredTree.create(tree, configuration, {
      ...options,
      compiler: 'c',
      compileConstants: async () =>
        Promise.resolve({ status: 'invalid', diagnostics: 'kernel/bounds.c:1:2: error: odd\n' }),
    })
    await expect(result).rejects.toThrow(KbuildError)
    await expect(result).rejects.toThrow(
      'include/generated/bounds.h cannot be made: kernel/bounds.c does not compile: kernel/bounds.c:1:2: error: odd',
    )
    expect((await buildOf(tree)).id).not.toBe('')
  })
})

describe('a failure to make headers', () => {
  const failing = async (
    compiled: Awaited<ReturnType<CompileConstants>>,
    cacheFolder = makeFolder(),
  ): Promise<unknown> => {
    const tree = await treeOf({ 'kernel/bounds.c': '' })
    const configuration = await configure(tree, little, { cacheFolder, clang: 190107 })
    return ConfiguredTree.create(tree, configuration, {
      cacheFolder,
      compiler: 'c',
      compileConstants: async () => Promise.resolve(compiled),
    }).catch((fault: unknown) => fault)
  }

  it.each(['timeout', 'crashed'] as const)(
    'of a compiler that was stopped is transient (%s)',
    async (status) => {
      expect(await failing({ status, reason: 'compiling kernel/bounds.c: 60 s' })).toMatchObject({
        code: 'stopped',
        isTransient: true,
        message: 'include/generated/bounds.h was not made: compiling kernel/bounds.c: 60 s',
      })
    },
  )

  it('of a full disk is transient, and of the tree is not', async () => {
    const cacheFolder = makeFolder()
    writeFileSync(join(cacheFolder, 'generated'), '')
    expect(await failing({ status: 'ok', ir: '' }, cacheFolder)).toMatchObject({
      code: 'cache',
      isTransient: true,
    })
    expect(await failing({ status: 'invalid', diagnostics: 'error: odd' })).toMatchObject({
      code: 'header',
      isTransient: false,
    })
  })
})

describe('generated headers', () => {
  it('have the version, with at most 255 for the last number', async () => {
    const configured = await buildOf(await treeOf({ Makefile: topMakefile('4.19.300') }))
    const [generated] = (await configured.jobOf('a.c')).mounts
    const read = (path: string): string => readFileSync(join(generated?.from ?? '', path), 'utf8')
    expect(macrosOf(read('uapi/linux/version.h'))).toMatchObject({
      LINUX_VERSION_CODE: String((4 << 16) + (19 << 8) + 255),
    })
    expect(read('utsrelease.h')).toBe('#define UTS_RELEASE "4.19.300"\n')
    expect(read('autoconf.h')).toContain('#define CONFIG_PPC64 1\n')
    expect(read('timeconst.h')).toContain('HZ != 250')
  })

  it('replace missing headers of the architecture by generic ones', async () => {
    const configured = await buildOf(
      await treeOf({
        'arch/powerpc/include/asm/Kbuild': 'generic-y += a.h b.h\ngenerated-y += d.h\n',
        'arch/powerpc/include/asm/b.h': '',
        'include/asm-generic/Kbuild': 'mandatory-y += c.h d.h\nmandatory-y += b.h\n',
        'arch/powerpc/include/uapi/asm/Kbuild': 'include include/uapi/asm-generic/Kbuild.asm\n',
        'include/uapi/asm-generic/Kbuild.asm': 'mandatory-y += u.h\n',
      }),
    )
    const arch = (await configured.jobOf('a.c')).mounts[1]?.from ?? ''
    const isThere = (path: string): boolean => existsSync(join(arch, path))
    expect(readFileSync(join(arch, 'asm/a.h'), 'utf8')).toBe('#include <asm-generic/a.h>\n')
    expect(['asm/b.h', 'asm/c.h', 'asm/d.h', 'uapi/asm/u.h'].map(isThere)).toEqual([false, true, false, true])
  })

  it('hide those of an earlier build', async () => {
    const tree = await treeOf({
      'include/generated/autoconf.h': '#define CONFIG_X86 1\n',
      'include/config/x': '',
    })
    const { mounts } = await (await buildOf(tree)).jobOf('a.c')
    expect(mounts.map(({ path }) => path)).toEqual([
      'include/generated',
      'arch/powerpc/include/generated',
      'include/config',
      '',
    ])
  })

  it('are generated again for another configuration or another header', async () => {
    const tree = await treeOf({})
    const id = async (text: string | null, forced: Record<string, string>): Promise<string> =>
      (await buildOf(text === null ? tree : withTexts(tree, new Map([['include/linux/x.h', text]])), forced))
        .id
    const first = await id(null, {})
    expect(await id(null, {})).toBe(first)
    expect(await id(null, { HZ: '100' })).not.toBe(first)
    expect(await id('#define X\n', {})).not.toBe(first)
  })

  it('for system calls of powerpc have numbers and entries by word size', async () => {
    const table =
      '# comment\n0 nospu restart sys_restart\n1 common read sys_read compat_read\n3 32 old sys_old\n3 64 new sys_new\n3 spu new sys_new\n4 common none\n'
    const headers = new Map(
      await syscallHeaders(await treeOf({ 'arch/powerpc/kernel/syscalls/syscall.tbl': table }), 'powerpc'),
    )
    const out = 'arch/powerpc/include/generated'
    expect(macrosOf(headers.get(`${out}/uapi/asm/unistd_64.h`) ?? '')).toEqual({
      __NR_restart: '0',
      __NR_read: '1',
      __NR_new: '3',
      __NR_none: '4',
      __NR_syscalls: '5',
    })
    expect(headers.get(`${out}/asm/syscall_table_32.h`)).toBe(
      '__SYSCALL(0, sys_restart)\n__SYSCALL_WITH_COMPAT(1, sys_read, compat_read)\n__SYSCALL(2, sys_ni_syscall)\n__SYSCALL(3, sys_old)\n__SYSCALL(4, sys_ni_syscall)\n',
    )
    expect(headers.get(`${out}/asm/syscall_table_spu.h`)).toContain('__SYSCALL(0, sys_ni_syscall)\n')
  })

  it('for system calls of arm count from a base, and pad the total', async () => {
    const table = '0 common read sys_read\n300 eabi x sys_x\n'
    const headers = new Map(
      await syscallHeaders(await treeOf({ 'arch/arm/tools/syscall.tbl': table }), 'arm'),
    )
    const out = 'arch/arm/include/generated'
    expect(macrosOf(headers.get(`${out}/uapi/asm/unistd-eabi.h`) ?? '')).toEqual({
      __NR_read: '(__NR_SYSCALL_BASE + 0)',
      __NR_x: '(__NR_SYSCALL_BASE + 300)',
    })
    expect(macrosOf(headers.get(`${out}/asm/unistd-nr.h`) ?? '')).toEqual({ __NR_syscalls: '304' })
  })

  it('for boards of arm test the board at run time', async () => {
    const table = '# name config type number\nriscpc ARCH_RPC RISCPC 1\nnever ARCH_N NEVER\n'
    const headers = await machTypesHeader(await treeOf({ 'arch/arm/tools/mach-types': table }), 'arm')
    const text = headers[0]?.[1] ?? ''
    expect(text).toContain(
      '#define MACH_TYPE_RISCPC 1\n#ifdef CONFIG_ARCH_RPC\n#define machine_is_riscpc() (machine_arch_type == MACH_TYPE_RISCPC)\n',
    )
    expect(text).toContain('#define machine_is_never() (0)\n')
    expect(text).not.toContain('MACH_TYPE_NEVER')
  })

  it('for the vDSO have the names of its linker script', async () => {
    const tree = await treeOf({
      'arch/powerpc/kernel/vdso/vdso64.lds.S': 'VDSO_sigtramp = x;\n\tVDSO_start = .;\n',
    })
    expect((await vdsoHeaders(tree, 'powerpc'))[1]).toEqual([
      'include/generated/vdso64-offsets.h',
      '#define vdso64_offset_sigtramp 0\n#define vdso64_offset_start 0\n',
    ])
  })
})
