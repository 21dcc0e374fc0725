// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fixturesFolder } from '@pfo-workbench/conformance'
import { VariantBuilder } from '@pfo-workbench/engine-models'
import { VariantError } from '@pfo-workbench/variant'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { agreementCommand } from '../src/command.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agreement-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

async function agreement(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = ''
  let err = ''
  const code = await agreementCommand(args, {
    stdout: (text) => (out += text),
    stderr: (text) => (err += text),
  })
  return { code, out, err }
}

/** Copies a recording of the fixtures into the folder, edited by `change`. */
function record(name: string, as: string, change: (text: string) => string = (text) => text): void {
  const to = join(folder, `${as}.jsonl`)
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to, change(readFileSync(join(fixturesFolder, `${name}.jsonl`), 'utf8')))
}

/** Changes the variant of a recording. */
function ofVariant(from: string, to: string): (text: string) => string {
  return (text) => text.replaceAll(`"variant": "${from}"`, `"variant": "${to}"`)
}

describe('recordings', () => {
  it('agree in any folder, and without a trailing newline', async () => {
    record('base/S2-single', 'mine', (text) => text.trimEnd())
    record('base/S1-ofdt', 'some/where/else')
    const { code, out, err } = await agreement('--recordings', folder)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^base +S2-single +(\d+) +\1 +0$/m)
    expect(out).toMatch(/^base +S1-ofdt +(\d+) +\1 +0$/m)
  })

  it('are replayed on patches in the recorded order, including stacks without fixtures', async () => {
    record('driver-puts+rng-put/S2-single', 'a', ofVariant('driver-puts+rng-put', 'rng-put+driver-puts'))
    record('base/S2-single', 'b', ofVariant('base', 'vio-unregister-uaf+nx-crypto-forget-device'))
    const { code, out, err } = await agreement('--recordings', folder)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^rng-put\+driver-puts +S2-single +(\d+) +\1 +0$/m)
    expect(out).toMatch(/^vio-unregister-uaf\+nx-crypto-forget-device +S2-single +(\d+) +\1 +0$/m)
  })

  it('are summarized as a Markdown table', async () => {
    record('base/S2-single', 'mine')
    const { code, out } = await agreement('--recordings', folder, '--markdown')
    expect(code).toBe(0)
    expect(out).toMatch(
      /^\| variant +\| recordings \| facts compared \| +agreed \|\n\| -+ \| -+: \| -+: \| -+: \|\n/,
    )
    expect(out).toMatch(/\| \*\*all\*\* +\| +\*\*1\*\* \| +\*\*(\d+)\*\* \| +\*\*\1\*\* \|\n$/)
  })
})

describe('the command exits with 1 if', () => {
  it('a fact differs, and shows both sides', async () => {
    record('base/S2-single', 'mine', (text) => text.replace('"entry": "facilities#0"', '"entry": "random#7"'))
    const { code, out } = await agreement('--recordings', folder)
    expect(code).toBe(1)
    expect(out).toMatch(/base\/S2-single: 1 of \d+ facts differ/)
    expect(out).toMatch(
      /recorded: cache 0x\w+ slot \d+ -> random#7\n {4}replayed: cache 0x\w+ slot \d+ -> facilities#0/,
    )
  })

  it('the patches of a stack conflict, and shows the reason', async () => {
    record('base/S2-single', 'mine', ofVariant('base', 'vio-notifier+vio-notifier-wq'))
    const { code, out } = await agreement('--recordings', folder)
    expect(code).toBe(1)
    expect(out).toMatch(
      /vio-notifier\+vio-notifier-wq\/S2-single: not replayed: conflict: patch vio-notifier-wq /,
    )
  })
})

describe('a recording that cannot be replayed counts as no agreement and does not stop the others:', () => {
  const cases: readonly [what: string, change: (text: string) => string, reason: RegExp][] = [
    [
      'an action is unknown',
      (text) => text.replace('"action": "migrate single"', '"action": "reboot"'),
      /^base\/S2-single: not replayed: .*a\.jsonl:4: unknown action "reboot"; known forms: "/m,
    ],
    [
      'a variant is unknown',
      ofVariant('base', 'wipe+mine'),
      /^wipe\+mine\/S2-single: not replayed: there is no patch "mine" in .*; or "base" for the unpatched kernel$/m,
    ],
    [
      'firmware has no such node',
      (text) => text.replace('"action": "migrate single"', '"action": "update-properties /lhea status okay"'),
      /^base\/S2-single: not replayed: .*Firmware knows no node "\/lhea"; it knows /m,
    ],
  ]
  for (const [what, change, reason] of cases) {
    it(what, async () => {
      record('base/S2-single', 'a', change)
      record('base/S1-ofdt', 'b')
      const { code, out, err } = await agreement('--recordings', folder)
      expect({ code, err }).toEqual({ code: 1, err: '' })
      expect(out).toMatch(reason)
      expect(out).toMatch(/^\S+ +S2-single +- +- +not replayed$/m)
      expect(out).toMatch(/^base +S1-ofdt +(\d+) +\1 +0$/m)
    })
  }
})

describe('the command exits with 2 if', () => {
  const cases: readonly [what: string, change: (text: string) => string, message: RegExp][] = [
    [
      'a line is broken',
      (text) => text.slice(0, text.trimEnd().length - 20),
      /mine\.jsonl:\d+: no valid JSON: /,
    ],
    ['a file is empty', () => '\n', /mine\.jsonl: the file is empty; expected: JSON lines/],
  ]
  for (const [what, change, message] of cases) {
    it(what, async () => {
      record('base/S2-single', 'mine', change)
      const { code, out, err } = await agreement('--recordings', folder)
      expect(err).toMatch(message)
      expect({ code, out }).toEqual({ code: 2, out: '' })
    })
  }

  it('a folder is missing or has no recordings', async () => {
    expect(await agreement('--recordings', folder)).toMatchObject({
      code: 2,
      err: `agreement: ${folder}: no recordings; expected: .jsonl files, such as <variant>/<scenario>.jsonl\n`,
    })
    expect(await agreement('--recordings', join(folder, 'none'))).toMatchObject({
      code: 2,
      err: `agreement: ${join(folder, 'none')}: no such folder\n`,
    })
  })

  it('an option is unknown', async () => {
    const { code, err } = await agreement('--markup')
    expect(code).toBe(2)
    expect(err).toContain("unknown option '--markup'")
  })
})

it('the command exits with 3 if nothing could be replayed', async () => {
  record('base/S2-single', 'mine')
  const fault = new VariantError('sources', 'the sources of the models cannot be read')
  const create = vi.spyOn(VariantBuilder, 'create').mockRejectedValue(fault)
  const { code, out, err } = await agreement('--recordings', folder).finally(() => {
    create.mockRestore()
  })
  expect({ code, out }).toEqual({ code: 3, out: '' })
  expect(err).toBe('agreement: the sources of the models cannot be read\n')
})
