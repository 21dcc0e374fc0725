// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Creates an empty folder, which is removed after the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pfo-tree-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** A top Makefile with this version. */
export const makefile = (version: string): string => {
  const [, major = '', minor = '', patch = '', extra = ''] = /^(\d+)\.(\d+)\.(\d+)(.*)$/.exec(version) ?? []
  return `VERSION = ${major}\nPATCHLEVEL = ${minor}\nSUBLEVEL = ${patch}\nEXTRAVERSION = ${extra}\nNAME = x\n`
}

/** A minimal kernel tree. */
export const sample: Readonly<Record<string, string>> = {
  Makefile: makefile('6.1.7'),
  'drivers/Makefile': 'obj-y += of/\n',
  'drivers/of/base.c': 'int base;\n',
  'drivers/of/dynamic.c': 'int dynamic; /* $Format:%H$ */\n',
  'include/linux/of.h': 'extern int base;\n',
  'kernel/fork.c': 'int fork_it;\n',
}

export function writeFiles(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

/** Runs git as the owner of the repository, without the configuration of the user who runs the tests. */
export function git(folder: string, ...args: string[]): string {
  return execFileSync('git', ['-C', folder, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: 'a@example.invalid',
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: 'a@example.invalid',
    },
  }).trim()
}

/** Creates a repository with one commit. */
export function makeRepository(files: Readonly<Record<string, string>> = sample): string {
  const folder = writeFiles(makeFolder(), files)
  git(folder, 'init', '--quiet', '--initial-branch=main')
  commitAll(folder, 'first')
  return folder
}

export function commitAll(folder: string, message: string): string {
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', `--message=${message}`)
  return git(folder, 'rev-parse', 'HEAD')
}

/** Content of all files below a folder. */
export function contentOf(folder: string): Map<string, string> {
  const content = new Map<string, string>()
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isSymbolicLink()) content.set(path, `-> ${readlinkSync(path)}`)
    else content.set(path, entry.isFile() ? readFileSync(path, 'latin1') : 'folder')
  }
  return content
}
