// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { buildOf, placementIn, topMakefile, treeOf } from './support/tree.ts'

const top = { Kbuild: 'obj-y += drivers/ arch/$(SRCARCH)/\n' }

describe('a file is built', () => {
  it.each([
    ['as its own object', 'obj-y += x.o', {}, { isModular: false, module: 'x' }],
    ['as a module', 'obj-$(CONFIG_X) += x.o', { X: 'm' }, { isModular: true, module: 'x' }],
    ['into the kernel', 'obj-$(CONFIG_X) += x.o', { X: 'y' }, { isModular: false, module: 'x' }],
    [
      'as a part of another object',
      'obj-m += a-b.o\na-b-objs := y.o x.o',
      {},
      { isModular: true, module: 'a-b' },
    ],
    [
      'as a part that a symbol adds',
      'obj-y += a.o\na-y := y.o\na-$(CONFIG_X) += x.o',
      { X: 'y' },
      { isModular: false, module: 'a' },
    ],
    [
      'as a part of a module that is modular itself',
      'obj-m += a.o\na-$(CONFIG_X) += x.o',
      { X: 'm' },
      { isModular: true, module: 'a' },
    ],
    [
      'as a part of two modules',
      'obj-m += b.o a.o\nb-y := x.o\na-y := x.o',
      {},
      { isModular: true, module: 'a:b' },
    ],
    ['as a part of a library', 'lib-y += x.o', {}, { isModular: false, module: 'x' }],
    [
      'under a condition',
      'ifdef CONFIG_X\nobj-y += x.o\nendif',
      { X: 'm' },
      { isModular: false, module: 'x' },
    ],
  ])('%s', async (_what, makefile, set, expected) => {
    const files = {
      ...top,
      'drivers/Makefile': 'obj-y += d/\n',
      'drivers/d/Makefile': makefile,
      'drivers/d/x.c': '',
    }
    expect(await placementIn(files, 'drivers/d/x.c', set)).toEqual({
      status: 'built',
      ...expected,
      folders: ['', 'drivers', 'drivers/d'],
    })
  })

  it('by the makefile of a folder above', async () => {
    const files = { ...top, 'drivers/Makefile': 'obj-y += a.o\na-y := d/x.o\n' }
    expect(await placementIn(files, 'drivers/d/x.c')).toMatchObject({
      status: 'built',
      module: 'a',
      folders: ['', 'drivers'],
    })
  })

  it('in a folder that a makefile further up names', async () => {
    const files = {
      ...top,
      'drivers/Makefile': 'obj-$(CONFIG_D) += d/e/\n',
      'drivers/d/e/Makefile': 'obj-y += x.o\n',
    }
    expect(await placementIn(files, 'drivers/d/e/x.c', { D: 'm' })).toMatchObject({
      status: 'built',
      folders: ['', 'drivers', 'drivers/d/e'],
    })
  })

  it("in a folder that the architecture's Makefile names", async () => {
    const files = {
      'arch/powerpc/Makefile': 'core-$(CONFIG_K) += arch/powerpc/kvm/\n',
      'arch/powerpc/kvm/Makefile': 'obj-y += x.o\n',
    }
    expect(await placementIn(files, 'arch/powerpc/kvm/x.c', { K: 'y' })).toMatchObject({ status: 'built' })
    expect(await placementIn(files, 'arch/powerpc/kvm/x.c')).toEqual({
      status: 'not-built',
      guards: [{ symbol: 'K', place: 'arch/powerpc/Makefile:1' }],
    })
  })

  it('in a top folder, if the top Kbuild names none', async () => {
    const files = {
      Makefile: topMakefile('5.10.0'),
      'kernel/Makefile': 'obj-y += x.o\n',
      'lib/Makefile': 'lib-y += y.o\n',
    }
    expect(await placementIn(files, 'kernel/x.c')).toMatchObject({ status: 'built' })
    expect(await placementIn({ ...files, ...top }, 'kernel/x.c')).toMatchObject({ status: 'not-built' })
    expect(await placementIn({ ...files, ...top }, 'lib/y.c')).toMatchObject({ status: 'built' })
  })
})

describe('a file is not built, and the placement names the symbol', () => {
  it.each([
    ['of its object', 'obj-$(CONFIG_X) += x.o', ['X']],
    ['of a condition', 'ifdef CONFIG_X\nobj-y += x.o\nendif', ['X']],
    ['of an else', 'ifeq ($(CONFIG_Y),)\nobj-y += y.o\nelse\nobj-y += x.o\nendif', ['Y']],
    ['of the object that it is a part of', 'obj-$(CONFIG_A) += a.o\na-y := x.o', ['A']],
    ['of both', 'obj-$(CONFIG_A) += a.o\na-$(CONFIG_X) := x.o', ['X', 'A']],
    ['of none, if no makefile names it', 'obj-y += y.o', []],
  ])('%s', async (_what, makefile, symbols) => {
    const files = { ...top, 'drivers/Makefile': 'obj-y += d/\n', 'drivers/d/Makefile': makefile }
    const placement = await placementIn(files, 'drivers/d/x.c')
    expect(placement.status === 'not-built' && placement.guards.map(({ symbol }) => symbol)).toEqual(symbols)
  })

  it('of its folder', async () => {
    const files = {
      ...top,
      'drivers/Makefile': '\nobj-$(CONFIG_D) += d/\n',
      'drivers/d/Makefile': 'obj-$(CONFIG_X) += x.o\n',
    }
    expect(await placementIn(files, 'drivers/d/x.c')).toEqual({
      status: 'not-built',
      guards: [
        { symbol: 'X', place: 'drivers/d/Makefile:1' },
        { symbol: 'D', place: 'drivers/Makefile:2' },
      ],
    })
    expect(await placementIn(files, 'drivers/d/x.c', { X: 'y' })).toEqual({
      status: 'not-built',
      guards: [{ symbol: 'D', place: 'drivers/Makefile:2' }],
    })
  })

  it('if there is one; there is none in another architecture', async () => {
    const files = {
      'arch/mips/Makefile': 'core-y += arch/mips/k/\n',
      'arch/mips/k/Makefile': 'obj-y += x.o\n',
    }
    expect(await placementIn(files, 'arch/mips/k/x.c')).toEqual({ status: 'not-built', guards: [] })
  })
})

describe('options of a file', () => {
  const files = {
    ...top,
    'include/linux/compiler_types.h': '',
    'include/linux/compiler-version.h': '',
    'arch/powerpc/Makefile':
      'KBUILD_CPPFLAGS += -I $(srctree)/arch/powerpc -DASM=1\nKBUILD_CFLAGS += -mno-x -fplugin=evil\n',
    'drivers/Makefile': 'subdir-ccflags-y := -DSUB\nccflags-y := -DNOT_FOR_FOLDERS_BELOW\nobj-y += d/\n',
    'drivers/d/Makefile':
      'obj-m += my-mod.o\nmy-mod-y := x.o y.o\nccflags-y += -DALL -DGONE -I$(src)/inc\nCFLAGS_x.o := -DONLY_X=\'"a b"\' -O3\nCFLAGS_REMOVE_x.o := -DGONE\n',
  }

  it('are those of the folders above, of its own folder, and of the file itself', async () => {
    const configured = await buildOf(await treeOf(files))
    const { flags } = await configured.jobOf('drivers/d/x.c')
    expect(flags.filter((flag) => /^-[DI]/.test(flag))).toEqual([
      '-Iarch/powerpc/include',
      '-Iarch/powerpc/include/generated',
      '-Iinclude',
      '-Iarch/powerpc/include/uapi',
      '-Iarch/powerpc/include/generated/uapi',
      '-Iinclude/uapi',
      '-Iinclude/generated/uapi',
      '-D__KERNEL__',
      '-Iarch/powerpc',
      '-DASM=1',
      '-DSUB',
      '-DALL',
      '-Idrivers/d/inc',
      '-DONLY_X="a b"',
      '-Idrivers/d',
      '-DMODULE',
      '-DKBUILD_MODFILE="drivers/d/my-mod"',
      '-DKBUILD_BASENAME="x"',
      '-DKBUILD_MODNAME="my_mod"',
      '-D__KBUILD_MODNAME=kmod_my_mod',
    ])
    expect(flags.filter((flag) => flag.includes('plugin') || flag.startsWith('-O'))).toEqual([])
    expect(flags).toEqual(
      expect.arrayContaining(['--target=powerpc64le-linux-gnu', '-std=gnu11', '-fno-common', '-nostdinc']),
    )
    expect(flags).not.toContain('-funsigned-char')
  })

  it('do not include those of another file', async () => {
    const configured = await buildOf(await treeOf(files))
    const { flags } = await configured.jobOf('drivers/d/y.c')
    expect(flags).toContain('-DGONE')
    expect(flags).not.toContain('-DONLY_X="a b"')
  })

  it('may set symbols for this file only', async () => {
    const configured = await buildOf(await treeOf(files))
    expect((await configured.jobOf('drivers/d/y.c', ['PCI'])).flags.at(-1)).toBe('-DCONFIG_PCI=1')
  })

  it('exist even if the file is not built', async () => {
    const configured = await buildOf(await treeOf({ ...files, 'drivers/d/Makefile': 'ccflags-y := -DALL\n' }))
    expect((await configured.jobOf('drivers/d/x.c')).flags).toEqual(
      expect.arrayContaining(['-DALL', '-DKBUILD_MODNAME="x"']),
    )
  })
})
