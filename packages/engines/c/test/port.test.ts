// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openKernelTree, readText, withTexts, type KernelTree } from '@pfo-workbench/kernel-tree'
import { applyPatch, kernelPaths, parseSeries } from '@pfo-workbench/patch'
import { afterAll, describe, expect, it } from 'vitest'
import { AnchorError, edited, portedIds, portProposal } from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'pfo-port-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let made = 0

/** A kernel with only these files. */
async function treeOf(files: Readonly<Record<string, string>>): Promise<KernelTree> {
  const root = join(folder, `tree${String(made++)}`)
  const all = { Makefile: 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\nEXTRAVERSION =\n', ...files }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return openKernelTree(root, { cacheFolder: join(folder, 'cache') })
}

const dlpar = 'arch/powerpc/platforms/pseries/dlpar.c'

/** Our own code. Only the anchors match the text of kernels. */
const detach = (rest: string): string => `static int other(void)
{
	return 1;
}

int dlpar_detach_node(struct device_node *dn)
{
	int rc;

	rc = of_detach_node(dn);
	if (rc)
		return rc;
${rest}
	return 0;
}
`

describe('an edit', () => {
  const text = `/* f() is described here */
static int f(int a,
	     int b)
{
	a++;
	return a;
}

int g(void)
{
	a++;
	return f(1, 2);
}
`

  it('is inserted before or after the lines of a statement in the named function', () => {
    const at = { function: 'f', statement: /a\+\+;/ }
    expect(edited(text, { place: 'before', at, lines: '\tb++;\n' })).toBe(
      text.replace('\ta++;\n\treturn a;', '\tb++;\n\ta++;\n\treturn a;'),
    )
    expect(edited(text, { place: 'after', at, lines: '\tb++;\n' })).toBe(
      text.replace('\ta++;\n\treturn a;', '\ta++;\n\tb++;\n\treturn a;'),
    )
    expect(edited(text, { place: 'instead', at, lines: '' })).toBe(
      text.replace('\ta++;\n\treturn a;', '\treturn a;'),
    )
  })

  it('is inserted before a whole function, not before a call of it', () => {
    const lines = 'int h;\n\n'
    expect(edited(text, { place: 'before', at: { function: 'g' }, lines })).toBe(
      text.replace('int g', `${lines}int g`),
    )
    expect(edited(text, { place: 'before', at: { function: 'f' }, lines })).toBe(
      text.replace('static int f', `${lines}static int f`),
    )
  })

  it.each([
    [{ function: 'h' }, 'there is no function h()'],
    [{ function: 'g', statement: /return a;/ }, 'g() has no "return a;"'],
    [{ function: 'f', statement: /a/ }, 'f() has 4 of "a"'],
  ])('fits, or reports why not: %o', (at, message) => {
    expect(() => edited(text, { place: 'before', at, lines: '' })).toThrow(new AnchorError(message))
  })
})

describe('a shipped proposal on a kernel tree', () => {
  it('becomes a patch that applies to the tree and has the described effect', async () => {
    const tree = await treeOf({ [dlpar]: detach('') })
    const port = await portProposal('wipe', tree)
    if (port?.status !== 'fits') throw new Error('it does not fit')
    const [patch] = parseSeries(Buffer.from(port.patch), { source: 'wipe.patch', paths: kernelPaths }).patches
    if (patch === undefined) throw new Error('no patch')
    const result = await applyPatch(patch, { read: async (path) => readText(tree, path) })
    expect(result.state).toBe('applied')
    expect(result.state === 'applied' && result.changed.get(dlpar)).toBe(port.texts.get(dlpar))
    expect(port.texts.get(dlpar)).toMatch(/return rc;\n\n\tdn->phandle = 0;\n/)
  })

  it('is inserted before a put at the end of the function', async () => {
    const port = await portProposal('wipe', await treeOf({ [dlpar]: detach('\n\tof_node_put(dn);\n') }))
    const text = port?.status === 'fits' ? (port.texts.get(dlpar) ?? '') : ''
    expect(text.indexOf('phandle = 0')).toBeGreaterThan(0)
    expect(text.indexOf('phandle = 0')).toBeLessThan(text.indexOf('of_node_put'))
  })

  it('does not fit if the kernel has no such function, and the reason names the function', async () => {
    const port = await portProposal('wipe', await treeOf({ [dlpar]: 'int x;\n' }))
    expect(port).toEqual({
      status: 'no-place',
      why: `${dlpar}: there is no function dlpar_detach_node()`,
    })
    expect(await portProposal('wipe', await treeOf({}))).toMatchObject({ status: 'no-place' })
  })

  it('is already in the kernel', async () => {
    const text = 'static int nx842_pseries_init(void)\n{\n\tof_node_put(np);\n\treturn 0;\n}\n'
    const tree = await treeOf({ 'drivers/crypto/nx/nx-common-pseries.c': text })
    expect(await portProposal('driver-puts', tree)).toMatchObject({ status: 'in-kernel' })
  })

  it.each([
    [
      'attach-subtree',
      dlpar,
      `int dlpar_attach_node(struct device_node *dn, struct device_node *parent)
{
	int rc;

	dn->parent = parent;
	rc = of_attach_node(dn);
	return 0;
}
`,
      /child = dn->child;\n\trc = of_attach_node\(dn\);\n\tfor \(; child; child = next\) \{\n/,
    ],
    [
      'cc-property-name',
      dlpar,
      `static struct property *dlpar_parse_cc_property(struct cc_workarea *ccwa)
{
	prop->name = kstrdup(name, GFP_KERNEL);
	return prop;
}
`,
      /GFP_KERNEL\);\n\tif \(!prop->name\) \{\n\t\tdlpar_free_cc_property\(prop\);\n/,
    ],
    [
      'rng-put',
      'arch/powerpc/platforms/pseries/rng.c',
      `static int rng_init(void)
{
	ppc_md.get_random_seed = pseries_get_random_long;

	return 0;
}
`,
      /pseries_get_random_long;\n\tof_node_put\(dn\);\n/,
    ],
    [
      'nx842-take-updates',
      'drivers/crypto/nx/nx-842-pseries.c',
      `static int nx842_OF_upd(struct property *new_prop)
{
	if (new_prop && (strncmp(new_prop->name, "status", new_prop->length) ||
			 strncmp(new_prop->name, "ibm,other", new_prop->length)))
		goto out;
out:
	return 0;
}
`,
      /\{\n\tif \(new_prop && strcmp\(new_prop->name, "status"\) &&\n[^]*\n\t\tgoto out;\nout:/,
    ],
  ])('%s is inserted at its position, and is then in the kernel', async (id, path, text, expected) => {
    const port = await portProposal(id, await treeOf({ [path]: text }))
    const made = port?.status === 'fits' ? (port.texts.get(path) ?? '') : ''
    expect(made).toMatch(expected)
    expect(await portProposal(id, await treeOf({ [path]: made }))).toMatchObject({ status: 'in-kernel' })
  })

  it.each([
    [
      'has to put the parent that it looks up',
      '__be32 parent_phandle',
      'parent_dn = of_find_node_by_phandle(parent_phandle);\n\t',
      true,
    ],
    ['has the parent of its caller', 'struct device_node *parent_dn', '', false],
  ])('ignore-pfo-children %s', async (_what, parameter, lookup, puts) => {
    const path = 'arch/powerpc/platforms/pseries/mobility.c'
    const text = `static int add_dt_node(${parameter}, __be32 drc_index)
{
	${lookup}dn = dlpar_configure_connector(drc_index, parent_dn);
	if (of_node_is_type(dn, "ibm,platform-facilities"))
		return 0;
	return 1;
}
`
    const port = await portProposal('ignore-pfo-children', await treeOf({ [path]: text }))
    const made = port?.status === 'fits' ? (port.texts.get(path) ?? '') : ''
    expect(made).toContain('of_node_is_type(parent_dn, "ibm,platform-facilities")')
    expect(made.includes('of_node_put(parent_dn)')).toBe(puts)
  })

  it('has a C version, for every id', () => {
    const patches = readdirSync(join(import.meta.dirname, '../../../../patches'))
    const ids = patches.flatMap((name) => (name.endsWith('.patch') ? [name.slice(0, -'.patch'.length)] : []))
    expect([...portedIds].sort()).toEqual(ids.sort())
  })

  it('is null without a C version', async () => {
    expect(await portProposal('nobodys', await treeOf({}))).toBeNull()
  })
})

const kernel = process.env['PFO_KERNEL'] ?? ''
if (kernel === '') console.info('Proposals are not written for a real kernel: PFO_KERNEL names no tree')

describe.skipIf(kernel === '')('each shipped proposal on a real kernel', () => {
  it('fits, also on top of the others, or the kernel has it', async () => {
    const tree = await openKernelTree(kernel, { cacheFolder: join(folder, 'cache') })
    let stacked = tree
    for (const id of portedIds) {
      const port = await portProposal(id, tree)
      expect(port, id).toMatchObject({ status: expect.stringMatching(/^(fits|in-kernel)$/) as string })
      // Some proposals replace others.
      const onTop = await portProposal(id, stacked)
      if (onTop?.status === 'fits' && !/^(ignore-pfo$|cache-skip|vio-notifier-wq)/.test(id))
        stacked = withTexts(stacked, onTop.texts)
    }
    await tree.dispose()
  })
})
