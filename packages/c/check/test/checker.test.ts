// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findClangIfAny, type Compiler } from '@pfo-workbench/clang'
import { openKernelTree } from '@pfo-workbench/kernel-tree'
import { afterAll, describe, expect, it } from 'vitest'
import { Checker, checkReport, type CheckDocument, type CheckedPatch } from '../src/index.ts'
import { fixtures } from './support.ts'

const compiler = await findClangIfAny({ env: process.env })
const folder = mkdtempSync(join(tmpdir(), 'pfo-check-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const unit = `#include "kernel.h"

int unit_probe(void)
{
	struct device_node *np = of_find_node_by_path("/unit");

	if (!np)
		return -ENODEV;
	return setup(np);
}

#ifdef CONFIG_PUMP_POWER
int unit_resume(void)
{
	struct device_node *np = of_find_node_by_path("/unit");

	of_node_put(np);
	return np ? setup(np) : 0;
}
#endif
`

const helper = `#include "kernel.h"

static inline int set_up_unit(void)
{
	struct device_node *np = of_find_node_by_path("/unit");
	int ret = setup(np);

	return ret;
}
`

const part = `#include "helper.h"

int part_probe(void)
{
	struct device_node *np = of_find_node_by_path("/part");

	return set_up_unit() + setup(np);
}
`

const meter = `#include "kernel.h"

int meter_probe(struct device_node *np)
{
	struct platform_device *pdev = of_find_device_by_node(np);

	return pdev ? check(1) : -ENODEV;
}
`

/** The smallest tree that can be configured for powerpc. */
const tree: Readonly<Record<string, string>> = {
  Makefile: 'VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 1\nEXTRAVERSION =\n',
  Kbuild: 'obj-y += drivers/\n',
  Kconfig: `config PPC64
	def_bool y
config CPU_BIG_ENDIAN
	def_bool y
config PPC_BOOK3S_64
	def_bool y
config PUMP
	tristate "Pump"
config PUMP_POWER
	bool "Power of pumps"
	depends on RIVER
`,
  'drivers/Makefile': 'obj-$(CONFIG_PUMP) += unit.o broken.o whole.o meter.o\n',
  'drivers/unit.c': unit,
  'drivers/kernel.h': readFileSync(join(fixtures, 'kernel.h'), 'utf8'),
  'drivers/meter.c': meter,
  'drivers/helper.h': helper,
  'drivers/part.c': part,
  'drivers/whole.c': '#include "part.c"\n',
  'drivers/broken.c': 'int broken(void) { return missing; }\n',
  'arch/x86/odd.c': 'int odd;\n',
  'kernel/bounds.c': 'int bounds;\n',
  'include/linux/kconfig.h': '#include <generated/autoconf.h>\n',
  'include/linux/compiler-version.h': '',
  'include/linux/compiler_types.h': '',
}

describe.runIf(compiler !== null)('with clang (skipped if not installed)', () => {
  const root = join(folder, 'linux')
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }

  async function withChecker<T>(
    work: (checker: Checker) => Promise<T>,
    clang = compiler as Compiler,
    cacheFolder = join(folder, 'cache'),
  ): Promise<T> {
    const opened = await openKernelTree(root, { cacheFolder })
    const checker = new Checker({
      tree: opened,
      compiler: clang,
      cacheFolder,
      jobs: 1,
    })
    try {
      return await work(checker)
    } finally {
      await checker.dispose()
      await opened.dispose()
    }
  }

  const change = async (path: string, before: string | null, after: string | null): Promise<CheckedPatch> =>
    withChecker(async (checker) =>
      checker.checkPatch({ id: 'x', title: 'x', state: 'applied', files: [{ path, before, after }] }),
    )

  it('a patch is compiled before and after, and judged in a thread', async () => {
    const fixed = unit.replace(
      '\treturn setup(np);',
      '\tint ret = setup(np);\n\n\tof_node_put(np);\n\treturn ret;',
    )
    const result = await change('drivers/unit.c', unit, fixed)
    expect(result.state).toBe('applied')
    expect(result.functions.map(({ name, configuration }) => [name, configuration])).toEqual([
      ['unit_probe', 'ppc64'],
    ])
    expect(result.findings).toMatchObject([
      {
        status: 'fixed',
        severity: 'error',
        rule: 'leak',
        file: 'drivers/unit.c',
        function: 'unit_probe',
        line: 9,
      },
    ])
  })

  it('a function under #ifdef is executed with the symbol forced, and the report says so', async () => {
    const worse = unit.replace(
      '\tof_node_put(np);\n\treturn np ? setup(np) : 0;',
      '\treturn np ? setup(np) : 0;',
    )
    const { functions, findings } = await change('drivers/unit.c', unit, worse)
    expect(functions).toMatchObject([{ name: 'unit_resume', forced: ['CONFIG_PUMP_POWER'] }])
    expect(findings.map(({ status, rule }) => `${status} ${rule}`).sort()).toEqual([
      'fixed use-after-put',
      'introduced leak',
    ])
  })

  it('a file that another file includes is compiled as part of that file', async () => {
    const fixed = part.replace('\treturn', '\tof_node_put(np);\n\treturn').replace('setup(np)', 'check(1)')
    const { functions, findings } = await change('drivers/part.c', part, fixed)
    expect(functions).toMatchObject([{ file: 'drivers/part.c', name: 'part_probe' }])
    expect(findings.map(({ status, line }) => `${status} ${line}`)).toEqual(['fixed 7', 'kept 8'])
  })

  it('an inline function of a header is executed through a file in the same folder that calls it', async () => {
    const fixed = helper.replace('\treturn', '\tof_node_put(np);\n\treturn')
    const result = await change('drivers/helper.h', helper, fixed)
    expect(result.functions).toMatchObject([{ file: 'drivers/helper.h', name: 'set_up_unit' }])
    expect(result.findings).toMatchObject([
      { status: 'fixed', rule: 'leak', file: 'drivers/helper.h', line: 8 },
    ])
  })

  it('findings in a file without a patch are present', async () => {
    const { state, findings } = await withChecker(async (checker) => checker.checkFile('drivers/unit.c'))
    expect(state).toBe('unpatched')
    expect(findings.map(({ status, function: name }) => `${status} ${name}`)).toContain('present unit_probe')
  })

  it('an error of an unproven class stays an error in a patch, and becomes a question in a file without a patch', async () => {
    const right = meter.replace(
      '\treturn pdev ?',
      '\tif (pdev)\n\t\tput_device(&pdev->dev);\n\treturn pdev ?',
    )
    expect((await change('drivers/meter.c', meter, right)).findings).toMatchObject([
      { severity: 'error', status: 'fixed', rule: 'leak' },
    ])
    const { findings } = await withChecker(async (checker) => checker.checkFile('drivers/meter.c'))
    expect(findings).toMatchObject([{ severity: 'question', status: 'present', rule: 'leak' }])
  })

  it('a fault that moves to another file with its function is kept', async () => {
    const start = unit.indexOf('int unit_probe')
    const probe = unit.slice(start, unit.indexOf('#ifdef', start))
    const { findings } = await withChecker(async (checker) =>
      checker.checkPatch({
        id: 'x',
        title: 'x',
        state: 'applied',
        files: [
          { path: 'drivers/unit.c', before: unit, after: unit.replace(probe, '') },
          { path: 'drivers/meter.c', before: meter, after: `${meter}\n${probe}` },
        ],
      }),
    )
    expect(findings).toMatchObject([
      { status: 'kept', rule: 'leak', file: 'drivers/meter.c', function: 'unit_probe' },
    ])
  })

  it('a class that is not examined is named if the patch changes calls that count it', async () => {
    const declared = `${meter}\nvoid pci_dev_put(void *dev);\nint meter_stop(void *dev)\n{\n\treturn 0;\n}\n`
    const put = declared.replace('\treturn 0;', '\tpci_dev_put(dev);\n\treturn 0;')
    const { functions, reason } = await change('drivers/meter.c', declared, put)
    expect(functions).toMatchObject([{ name: 'meter_stop' }])
    expect(reason).toBe(
      'references of class pci_dev, as pci_dev_put() counts them: --class pci_dev examines them',
    )
    const { reason: none } = await change(
      'drivers/meter.c',
      declared,
      declared.replace('return 0', 'return 1'),
    )
    expect(none).toBeUndefined()
  })

  it('compiler errors are shown as clang prints them', async () => {
    const { state, diagnostics } = await change(
      'drivers/broken.c',
      'int broken(void) { return 0; }\n',
      tree['drivers/broken.c'] ?? '',
    )
    expect(state).toBe('does-not-compile')
    expect(diagnostics).toContain("drivers/broken.c:1:27: error: use of undeclared identifier 'missing'")
  })

  it('a file of another architecture is rejected with the name of the architecture', async () => {
    const { state, reason } = await change('arch/x86/odd.c', 'int odd;\n', 'int even;\n')
    expect(state).toBe('nothing-to-execute')
    expect(reason).toContain('arch/x86/odd.c is for x86')
  })

  it('there is nothing to execute for a patch of headers alone, or one that changes no function', async () => {
    expect((await change('drivers/kernel.h', 'int a;\n', 'int b;\n')).state).toBe('nothing-to-execute')
    expect((await change('drivers/unit.c', unit, `${unit}int more;\n`)).state).toBe('nothing-to-execute')
  })

  it('a second run gives the same bytes, from the cache and without it', async () => {
    const json = async (): Promise<string> => {
      const patches = [await change('drivers/unit.c', unit, unit.replace('ENODEV', 'EINVAL'))]
      const document: CheckDocument = { schemaVersion: 1, kernel: '6.12.1', compiler: 'clang', patches }
      return checkReport(document, 'json', { kept: false, color: false })
    }
    const once = await json()
    expect(await json()).toBe(once)
    rmSync(join(folder, 'cache', 'check'), { recursive: true, force: true })
    expect(await json()).toBe(once)
  })

  /** A compiler that dies. Its version is that of the real one, so results have the same key. */
  function killedClang(): Compiler {
    const file = join(folder, 'killed-clang')
    writeFileSync(file, '#!/bin/sh\nkill -KILL $$\n', { mode: 0o755 })
    return { ...(compiler as Compiler), file }
  }

  const patch = {
    id: 'p',
    title: 'p',
    state: 'applied',
    files: [
      { path: 'drivers/unit.c', before: unit, after: unit.replace('return -ENODEV', 'return -EINVAL - 1') },
    ],
  } as const

  it('a file whose compilation was stopped is compiled again in the next run', async () => {
    // The headers exist already, so only the file itself is compiled.
    await withChecker(async (checker) => checker.checkFile('drivers/meter.c'))
    const stopped = await withChecker(async (checker) => checker.checkPatch(patch), killedClang())
    expect(stopped).toMatchObject({ state: 'stopped', functions: [] })
    expect(stopped.reason).toMatch(/drivers\/unit\.c could not be compiled in \w+: .*SIGKILL/)
    expect(await withChecker(async (checker) => checker.checkPatch(patch))).toMatchObject({
      state: 'applied',
    })
  })

  it('a patch is checked again in the next run if a fault of the machine prevented its headers', async () => {
    const cacheFolder = join(folder, 'other-cache')
    const check = async (clang?: Compiler): Promise<CheckedPatch> =>
      withChecker(async (checker) => checker.checkPatch(patch), clang, cacheFolder)
    const stopped = await check(killedClang())
    expect(stopped.state).toBe('stopped')
    expect(stopped.reason).toMatch(
      /^configuration ppc64: include\/generated\/bounds\.h was not made: .*SIGKILL/,
    )
    // A file replaces the folder, so nothing can be written, as on a full disk.
    rmSync(join(cacheFolder, 'generated'), { recursive: true })
    writeFileSync(join(cacheFolder, 'generated'), '')
    const unwritten = await check()
    expect(unwritten.reason).toMatch(/^configuration ppc64: generated headers cannot be written to /)
    rmSync(join(cacheFolder, 'generated'))
    expect(await check()).toMatchObject({ state: 'applied', functions: [{ name: 'unit_probe' }] })
  })

  it('a configuration that failed by a fault of the machine is made again for the next patch of the run', async () => {
    const cacheFolder = join(folder, 'third-cache')
    mkdirSync(cacheFolder)
    writeFileSync(join(cacheFolder, 'generated'), '')
    await withChecker(
      async (checker) => {
        expect(await checker.checkPatch(patch)).toMatchObject({ state: 'stopped' })
        rmSync(join(cacheFolder, 'generated'))
        expect(await checker.checkPatch(patch)).toMatchObject({ state: 'applied' })
      },
      undefined,
      cacheFolder,
    )
  })
})
