// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CodedError, messageOf, whyUnreadable } from '../src/index.ts'

class SampleError extends CodedError<'first' | 'second'> {
  override readonly name = 'SampleError'
}

describe('an error with a code', () => {
  it('has its code, message, name and cause', () => {
    const cause = new Error('reason')
    const fault = new SampleError('second', 'text', { cause })
    expect(fault).toMatchObject({ code: 'second', message: 'text', name: 'SampleError', cause })
    expect(String(fault)).toBe('SampleError: text')
  })

  it('is an Error, so that tools show its stack', () => {
    expect(new SampleError('first', 'text')).toBeInstanceOf(Error)
  })
})

it.each([
  ['an error', new Error('its text'), 'its text'],
  ['a string', 'thrown text', 'thrown text'],
  ['undefined', undefined, 'undefined'],
])('the message of %s is a text', (_what, fault, message) => {
  expect(messageOf(fault)).toBe(message)
})

describe('why a file cannot be read', () => {
  it.each([
    ['a missing file', `${import.meta.dirname}/missing`, 'there is no such file'],
    ['a file below a file', `${import.meta.filename}/below`, 'there is no such file'],
    ['a directory', import.meta.dirname, 'it is a directory. Accepted: a file'],
    ['a name of 300 characters', `${import.meta.dirname}/${'x'.repeat(300)}`, 'its name is too long'],
    ['a name with a NUL', 'a\0b', expect.stringContaining('null bytes')],
  ])('%s', (_what, path, reason) => {
    const read = (): unknown => {
      try {
        return readFileSync(path)
      } catch (fault) {
        return whyUnreadable(fault)
      }
    }
    expect(read()).toEqual(reason)
  })
})
