// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { newMessages } from '../../src/kernel/diagnostics.ts'
import { buildCommand, pfo, pfoWith, scratch, write } from '../support.ts'
import { findsClang, makeFolder, patchOf } from './support.ts'
import { tinyKernel, writeKernel } from './tiny-kernel.ts'

const hasClang = await findsClang('Tests of pfo build')

beforeAll(buildCommand)

describe('pfo build, before anything is compiled', () => {
  it.each([
    [['build', 'x.patch'], "required option '--kernel <tree>' not specified"],
    [['build', '--kernel', '/nope'], "missing required argument 'patch'"],
    [['build', '--kernel', '/nope', 'nope.patch'], 'nope.patch cannot be read'],
  ])('%j is bad input: %s', async (args, message) => {
    const { code, stdout, stderr } = await pfo(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
  })

  it('says how to install a compiler if there is none', async () => {
    write('p.patch', patchOf(['drivers/pump.c', '0', '1']))
    const kernel = writeKernel(makeFolder())
    const { code, stderr } = await pfoWith({ PFO_CLANG: '/no/clang' }, 'build', '--kernel', kernel, 'p.patch')
    expect(code).toBe(2)
    expect(stderr).toBe(
      'pfo: there is no program /no/clang; install one with "apt-get install clang-19", or name one with --clang FILE or PFO_CLANG\n',
    )
  })

  it('shows only new messages, even if lines moved', () => {
    const before =
      'a.c:1:2: warning: old [-Wx]\n    1 | x\n      | ^\na.c:9:2: warning: twice [-Wx]\n    9 | y\n2 warnings generated.\n'
    const after =
      'In file included from a.c:1:\nb.h:3:2: warning: in a header [-Wx]\n    3 | z\na.c:4:2: warning: old [-Wx]\n    4 | x\n      | ^\na.c:8:2: note: with a note\na.c:12:2: warning: twice [-Wx]\n   12 | y\na.c:13:2: warning: twice [-Wx]\n   13 | y\n'
    expect(newMessages(before, after)).toEqual([
      'In file included from a.c:1:\nb.h:3:2: warning: in a header [-Wx]\n    3 | z',
      'a.c:4:2: warning: old [-Wx]\n    4 | x\n      | ^\na.c:8:2: note: with a note',
      'a.c:13:2: warning: twice [-Wx]\n   13 | y',
    ])
    expect(newMessages(after, after)).toEqual([])
  })
})

describe.runIf(hasClang)('pfo build (skipped without clang)', () => {
  const build = async (patch: string, ...args: string[]): ReturnType<typeof pfo> => {
    write('my.patch', patch)
    return pfo('build', 'my.patch', '--kernel', writeKernel(makeFolder()), ...args)
  }

  it('compiles the files that a patch touches, and names the changed functions and those without code', async () => {
    const { code, stdout, stderr } = await build(
      patchOf(
        ['drivers/pump.c', 'int old;', 'int old, fresh;'],
        ['include/linux/pump.h', '3', '4'],
        ['drivers/fan.c', 'fan', 'fans'],
        ['Documentation/pump.rst', '', 'Pumps\n'],
      ),
    )
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const [head = '', ...lines] = stdout.split('\n')
    expect(head).toMatch(/^6\.6\.3 \(kernel-\w+\), powerpc64le, \d symbols set, clang \d+\.\d+\.\d+$/)
    expect(lines.filter((line) => /^\S+: /.test(line) && !line.includes('warning'))).toEqual([
      'Documentation/pump.rst: nothing to compile',
      'drivers/fan.c: is not built: CONFIG_FAN is not set (drivers/Makefile:2); it needs BROKEN',
      'drivers/pump.c: compiles; changed: pump_run()',
      'include/linux/pump.h: a header; included by drivers/pump.c',
    ])
    // The existing unused variable is not reported.
    const warnings = lines.filter((line) => line.includes('warning:'))
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(
      /^drivers\/pump\.c:10:11: warning: unused variable 'fresh' \[-Wunused-variable\]$/,
    )
  })

  it('says that a function has no code, and compiles it with a configuration that enables it', async () => {
    const patch = patchOf(['drivers/pump.c', 'return 0;', 'return 1;'])
    expect((await build(patch)).stdout).toContain(
      'changed: pump_sleep() (no code: compiled out or never called)',
    )
    write('night.config', 'CONFIG_PPC64=y\nCONFIG_CPU_LITTLE_ENDIAN=y\nCONFIG_NIGHT=y\n')
    expect((await build(patch, '--config', 'night.config')).stdout).toContain('changed: pump_sleep()\n')
  })

  it("shows clang's messages about a file that does not compile, and exits with 1", async () => {
    const { code, stdout } = await build(patchOf(['drivers/pump.c', 'limit(speed)', 'limits(speed)']))
    expect(code).toBe(1)
    expect(stdout).toContain('drivers/pump.c: does not compile:\ndrivers/pump.c:12:9: error: ')
    expect(stdout).toContain('12 |         return limits(speed);')
    expect(stdout).toContain('1 error generated.')
  })

  it('configures again if a patch changes Kconfig files or makefiles', async () => {
    const { stdout } = await build(
      patchOf(
        ['drivers/new.c', '', 'int new_one(void)\n{\n\treturn CONFIG_NUMBER;\n}\n'],
        [
          'Kconfig',
          '',
          'config NEW\n\tdef_tristate y\n\tdepends on NIGHT\nconfig NUMBER\n\tint\n\tdefault 3\n',
        ],
        ['drivers/Makefile', '', 'obj-$(CONFIG_NEW) += new.o\n'],
      ),
    )
    expect(stdout).toContain('drivers/new.c: compiles; changed: new_one()')
  })

  it('says where a patch does not apply, and detects one that is already applied', async () => {
    const patch = patchOf(['drivers/pump.c', 'return 0;', 'return 1;'])
    const other = await build(patch.replaceAll('pump_sleep', 'pump_rest'))
    expect(other.code).toBe(1)
    expect(other.stdout).toContain('does not apply:\ndrivers/pump.c: hunk 1 of 1')
    const kernel = makeFolder()
    writeKernel(kernel, {
      ...tinyKernel,
      'drivers/pump.c': (tinyKernel['drivers/pump.c'] ?? '').replace('return 0;', 'return 1;'),
    })
    const again = await pfo('build', '--kernel', kernel, 'my.patch')
    write('my.patch', patch)
    const there = await pfo('build', '--kernel', kernel, 'my.patch')
    expect([again.code, there.code]).toEqual([1, 1])
    expect(there.stdout).toContain('is in this tree already; --revert plays the tree without it')
    const reverted = await pfo('build', '--kernel', kernel, 'my.patch', '--revert')
    expect(reverted).toMatchObject({ code: 0 })
    expect(reverted.stdout).toContain('drivers/pump.c: compiles')
  })

  it('refuses configurations that cannot play the scenarios', async () => {
    const patch = patchOf(['drivers/pump.c', 'return 0;', 'return 1;'])
    write('c32', 'CONFIG_PPC32=y\n')
    write('x86', 'CONFIG_X86_64=y\n')
    write('none', 'hello\n')
    for (const [config, message] of [
      ['c32', 'c32 is a configuration for powerpc; accepted: configurations for 64-bit powerpc'],
      ['x86', 'the configuration is for x86_64'],
      ['none', 'none is not a kernel configuration'],
      ['nope', 'the configuration nope cannot be read'],
    ]) {
      const { code, stderr } = await build(patch, '--config', config ?? '')
      expect([code, stderr]).toEqual([2, expect.stringContaining(message ?? '')])
    }
  })

  it("uses the patch's base commit if the repository has it, and never writes to the repository", async () => {
    const kernel = writeKernel(makeFolder())
    const git = (...args: string[]): string =>
      execFileSync(
        'git',
        ['-C', kernel, '-c', 'user.name=A', '-c', 'user.email=a@example.invalid', ...args],
        { encoding: 'utf8' },
      ).trim()
    git('init', '--quiet')
    git('add', '--all')
    git('commit', '--quiet', '--message=first')
    const first = git('rev-parse', 'HEAD')
    writeFileSync(join(kernel, 'drivers/pump.c'), 'int other;\n')
    git('commit', '--quiet', '--all', '--message=second')
    writeFileSync(join(kernel, 'drivers/pump.c'), 'int dirty;\n')
    const before = readdirSync(kernel, { recursive: true })
    const diff = patchOf(['drivers/pump.c', 'return 0;', 'return 1;'])
    write(
      'base.patch',
      `From: A <a@example.invalid>\nSubject: [PATCH] x\n\n---\n${diff}\nbase-commit: ${first}\n`,
    )
    const based = await pfo('build', '--kernel', kernel, 'base.patch')
    expect(based.stderr).toContain(`pfo: using commit ${first.slice(0, 12)}, for which the patch was made`)
    expect(based.stdout).toContain('drivers/pump.c: compiles')
    write('plain.patch', diff)
    expect((await pfo('build', '--kernel', kernel, 'plain.patch')).code).toBe(1)
    expect((await pfo('build', '--kernel', `${kernel}@HEAD~1`, 'plain.patch')).code).toBe(0)
    const missing = await pfo('build', '--kernel', `${kernel}@nope`, 'plain.patch')
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('has no commit nope')])
    expect(readdirSync(kernel, { recursive: true })).toEqual(before)
    expect(readFileSync(join(kernel, 'drivers/pump.c'), 'utf8')).toBe('int dirty;\n')
  })

  it('runs no code of a hostile tree or patch', async () => {
    const trap = join(scratch, 'sprung')
    const kernel = writeKernel(makeFolder(), {
      ...tinyKernel,
      Kconfig: `$(shell,touch ${trap})\n${tinyKernel['Kconfig'] ?? ''}config X\n\tdef_bool $(success,touch ${trap})\n`,
      'drivers/Makefile': `$(shell touch ${trap})\nX := $(shell touch ${trap})\nccflags-y += -fplugin=${trap}.so -o ${trap} -Xclang -load\nall:\n\ttouch ${trap}\n${tinyKernel['drivers/Makefile'] ?? ''}`,
    })
    write(
      'evil.patch',
      patchOf(
        ['drivers/pump.c', 'return 0;', 'return 1;'],
        ['drivers/evil.c', '', '#include "/etc/passwd"\n'],
      ),
    )
    const { stdout, code } = await pfo('build', '--kernel', kernel, 'evil.patch')
    expect(code).toBe(0)
    expect(stdout).toContain('drivers/evil.c: is not built: no makefile names it')
    expect(existsSync(trap)).toBe(false)
  })
})
