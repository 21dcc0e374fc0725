// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Clang, findClangIfAny, type Compiled, type Compiler } from '@pfo-workbench/clang'
import {
  allModulesProfile,
  ConfiguredTree,
  configure,
  platforms,
  wholeKernelProfile,
  type ConfigurationRequest,
} from '@pfo-workbench/kbuild'
import { openKernelTree } from '@pfo-workbench/kernel-tree'
import { scratch } from '../support.ts'

const kernel = process.env['PFO_KERNEL'] ?? ''
const compiler = await findClangIfAny({ env: process.env })
if (kernel === '' || compiler === null)
  console.info(
    `Tests with a real kernel are left out: ${compiler === null ? 'there is no clang' : 'PFO_KERNEL names no tree'}`,
  )

/** Files that run in the scenarios. Their names are the same in all kernels since 4.18. */
const files = [
  ...['base', 'dynamic', 'kobj', 'property', 'device', 'fdt', 'address', 'irq', 'platform'].map(
    (name) => `drivers/of/${name}.c`,
  ),
  ...['dlpar', 'mobility', 'reconfig', 'vio', 'of_helpers', 'rng', 'setup', 'iommu', 'hotplug-cpu'].map(
    (name) => `arch/powerpc/platforms/pseries/${name}.c`,
  ),
  ...['nx-common-pseries', 'nx-842-pseries', 'nx-842', 'nx', 'nx-aes-cbc', 'nx-sha256'].map(
    (name) => `drivers/crypto/nx/${name}.c`,
  ),
  ...['core', 'pseries-rng'].map((name) => `drivers/char/hw_random/${name}.c`),
  ...[
    'core',
    'bus',
    'dd',
    'driver',
    'class',
    'property',
    'devres',
    'init',
    'platform',
    'swnode',
    'module',
  ].map((name) => `drivers/base/${name}.c`),
  ...[
    'kobject',
    'refcount',
    'klist',
    'kobject_uevent',
    'llist',
    'list_sort',
    'sort',
    'bsearch',
    'vsprintf',
    'string',
  ].map((name) => `lib/${name}.c`),
  ...[
    'string_helpers',
    'ctype',
    'kstrtox',
    'hexdump',
    'kasprintf',
    'uuid',
    'cmdline',
    'argv_split',
    'seq_buf',
    'rbtree',
  ].map((name) => `lib/${name}.c`),
  ...[
    'idr',
    'radix-tree',
    'xarray',
    'find_bit',
    'bitmap',
    'fdt',
    'fdt_ro',
    'fdt_wip',
    'fdt_rw',
    'fdt_addresses',
  ].map((name) => `lib/${name}.c`),
  ...['dir', 'file', 'symlink', 'inode', 'mount'].map((name) => `fs/kernfs/${name}.c`),
  ...['dir', 'file', 'group', 'symlink', 'mount'].map((name) => `fs/sysfs/${name}.c`),
  ...['fs/seq_file.c', 'kernel/notifier.c', 'kernel/params.c', 'kernel/dma/mapping.c', 'mm/util.c'],
  ...[
    'arch/powerpc/kernel/pci_dn.c',
    'arch/powerpc/kernel/rtas.c',
    'arch/powerpc/kernel/prom.c',
    'arch/powerpc/mm/numa.c',
    'arch/powerpc/mm/drmem.c',
  ],
]

/** Compiles files of the tree with a configuration. */
async function compileAll(
  request: ConfigurationRequest,
  wanted: readonly string[],
  using: Compiler,
): Promise<{
  configured: ConfiguredTree
  results: ReadonlyMap<string, Compiled>
  unbuilt: readonly string[]
}> {
  const cacheFolder = mkdtempSync(join(scratch, 'cache-'))
  const tree = await openKernelTree(kernel, { cacheFolder })
  const clang = new Clang(using)
  try {
    const configuration = await configure(tree, request, { cacheFolder, clang: using.version })
    const configured = await ConfiguredTree.create(tree, configuration, {
      cacheFolder,
      compiler: using.versionText,
      compileConstants: async (job) => clang.compile({ ...job, warnings: false }),
    })
    const results = new Map<string, Compiled>()
    const unbuilt: string[] = []
    await Promise.all(
      wanted.map(async (path) => {
        if ((await tree.read(path)) === null) return
        if ((await configured.placementOf(path)).status === 'not-built') unbuilt.push(path)
        else results.set(path, await clang.compile({ ...(await configured.jobOf(path)), warnings: false }))
      }),
    )
    return { configured, results, unbuilt }
  } finally {
    await clang.dispose()
    await tree.dispose()
  }
}

const failuresOf = (results: ReadonlyMap<string, Compiled>): string[] =>
  [...results].flatMap(([path, result]) =>
    result.status === 'ok' ? [] : [`${path}: ${result.status}\n${result.diagnostics}`],
  )

describe.runIf(kernel !== '' && compiler !== null)(
  'a real kernel (skipped without PFO_KERNEL and clang)',
  () => {
    const using = compiler ?? { file: '', version: 0, versionText: '' }

    it('compiles all files that run in the scenarios', { timeout: 900_000 }, async () => {
      const { configured, results, unbuilt } = await compileAll(
        wholeKernelProfile('powerpc64le'),
        files,
        using,
      )
      expect(failuresOf(results)).toEqual([])
      expect(unbuilt).toEqual([])
      expect(results.size).toBeGreaterThan(70)
      const { values } = configured.configuration
      expect(
        ['PPC_PSERIES', 'MODULES', 'OF_DYNAMIC', 'CRYPTO_DEV_NX_COMPRESS'].map((name) => values.get(name)),
      ).toEqual(['y', 'y', 'y', 'm'])
      expect(await configured.placementOf('drivers/crypto/nx/nx-842.c')).toMatchObject({
        status: 'built',
        isModular: true,
      })
    })

    it.each(platforms)(
      'has a configuration with as many files as possible for %s',
      { timeout: 900_000 },
      async (platform) => {
        const wanted = [
          'drivers/of/base.c',
          'drivers/i2c/i2c-core-of.c',
          'drivers/net/phy/phy_device.c',
          'drivers/spi/spi.c',
        ]
        const { results, unbuilt } = await compileAll(allModulesProfile(platform), wanted, using)
        expect(failuresOf(results)).toEqual([])
        expect(unbuilt).toEqual([])
      },
    )
  },
)
