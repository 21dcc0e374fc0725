// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acceptedFlags } from '../src/make/flags.ts'

describe('options of makefiles', () => {
  it.each([
    [
      ['-DX', '-DY=1', '-UZ', '-D', 'V=2'],
      ['-DX', '-DY=1', '-UZ', '-DV=2'],
    ],
    [['-DX=\'"a', 'b"\''], ['-DX="a b"']],
    [['-DX=\\"a\\"'], ['-DX="a"']],
    [['-DX="a"'], ['-DX=a']],
    [
      ['-I./drivers/x', '-I', 'include', '-Idrivers/x/../y'],
      ['-Idrivers/x', '-Iinclude', '-Idrivers/y'],
    ],
    [
      ['-include', './include/linux/x.h', '-isystem', 'include'],
      ['-include', 'include/linux/x.h', '-Iinclude'],
    ],
  ])('%j is accepted as %j', (given, accepted) => {
    expect(acceptedFlags(given)).toEqual(accepted)
  })

  it.each([
    '-fplugin=evil.so',
    '-Xclang -load -Xclang evil.so',
    '-o /tmp/out',
    '-I/etc -I../.. -Ia/../../b -I',
    '-include /etc/passwd',
    '-include ../x.h',
    '@/etc/passwd',
    '-Wp,-MD,/tmp/x',
    '-wrapper evil',
    '-B/tmp -specs=x -ivfsoverlay x --config=x --sysroot=/',
    '-O2 -Wno-x -mhard-float -maltivec',
    '-D=1 -D --x',
  ])('nothing of %j is accepted', (given) => {
    expect(acceptedFlags(given.split(' '))).toEqual([])
  })

  it('are accepted only if they are macros or paths in the tree, however they are written', () => {
    const word = fc.oneof(
      fc.stringMatching(/^-[DIUo][./a-z"'\\ ]{0,8}$/),
      fc.constantFrom('-include', '-isystem', '-I', '-D', '..', '/etc', './x', '"', "'"),
    )
    fc.assert(
      fc.property(fc.array(word), (given) => {
        const accepted = acceptedFlags(given)
        for (const [at, flag] of accepted.entries()) {
          if (/^-[DU]\w/.test(flag) || flag === '-include') continue
          const path = accepted[at - 1] === '-include' ? flag : flag.slice(2)
          expect(path.startsWith('/')).toBe(false)
          expect(path.split('/')).not.toContain('..')
        }
      }),
    )
  })
})
