// SPDX-License-Identifier: GPL-2.0-only
import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { ClangError, findClang, installAdvice } from '@pfo-workbench/clang'
import { cacheFolder, inspectCache } from '@pfo-workbench/compare'
import { messageOf } from '@pfo-workbench/errors'
import { sandboxLayers } from '@pfo-workbench/variant'
import { describeCache } from './cache-command.ts'
import { acceptedNode } from './manifest.ts'

/** Result of the check of one thing that the workbench uses. */
export interface Check {
  readonly name: string
  /** `problem`: nothing can be compared. `warning`: works with limitations. `note`: something optional is missing. */
  readonly status: 'ok' | 'note' | 'warning' | 'problem'
  readonly found: string
  /** Advice for the user; null if none is needed. */
  readonly advice: string | null
}

/** True if version `a` is older than version `b`. Compares number by number. */
const isBefore = (a: string, b: string): boolean => a.localeCompare(b, 'en', { numeric: true }) < 0

/**
 * True if a version is in a range as in package.json: `>=a <b || >=c`.
 *
 * @param version - such as `20.19.0`
 * @throws Error if the range contains a comparison other than `>=` and `<`
 */
export function isAccepted(version: string, range: string): boolean {
  return range.split('||').some((part) =>
    part
      .trim()
      .split(/\s+/)
      .every((bound) => {
        const [, sign, limit = ''] = /^(>=|<)(.*)$/.exec(bound) ?? []
        if (sign === undefined) throw new Error(`${range}: "${bound}" is not understood`)
        return (sign === '<') === isBefore(version, limit)
      }),
  )
}

function checkNode(version: string): Check {
  const ok = isAccepted(version, acceptedNode)
  return {
    name: 'Node',
    status: ok ? 'ok' : 'problem',
    found: `${version} in ${process.execPath}`,
    advice: ok ? null : `install a version in ${acceptedNode} (https://nodejs.org)`,
  }
}

async function firstLine(tool: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(tool, ['--version'], { timeout: 20_000 })
    return stdout.split('\n')[0]?.trim() ?? ''
  } catch {
    return null
  }
}

/** Older versions are not tested. */
const oldestGit = '2.32'

async function checkGit(): Promise<Check> {
  const found = await firstLine('git')
  const version = /\d+(?:\.\d+)+/.exec(found ?? '')?.[0]
  const ok = version !== undefined && !isBefore(version, oldestGit)
  return {
    name: 'git',
    status: ok ? 'ok' : 'problem',
    found: found ?? 'not found',
    advice: ok
      ? null
      : `install git ${oldestGit} or later and put it in PATH: it merges patches that do not apply as they are`,
  }
}

async function checkOptional(name: string, tools: readonly string[], purpose: string): Promise<Check> {
  for (const tool of tools) {
    const found = await firstLine(tool)
    if (found !== null) return { name, status: 'ok', found, advice: null }
  }
  return {
    name,
    status: 'note',
    found: 'not found',
    advice: `needed only to ${purpose}: install ${tools[0] ?? name}`,
  }
}

/** Checks clang. A missing clang is only a note: clang is needed only for C patches on kernel trees. */
async function checkClang(): Promise<Check> {
  const name = 'clang'
  try {
    const { file, versionText } = await findClang({ env: process.env })
    return { name, status: 'ok', found: `${versionText} in ${file}`, advice: null }
  } catch (fault) {
    if (!(fault instanceof ClangError)) throw fault
    return {
      name,
      status: 'note',
      found: fault.message.split(';')[0] ?? fault.message,
      advice: `needed only for C patches on a kernel tree (--kernel): ${installAdvice}`,
    }
  }
}

/** Advice for each layer of the sandbox that needs more than util-linux. */
const layerAdvice: Readonly<Record<string, string>> = {
  'network namespace':
    'install util-linux and allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, or user.max_user_namespaces above 0)',
}

async function checkLayers(): Promise<Check[]> {
  return (await sandboxLayers()).map(({ name, stops, active }) => ({
    name: `sandbox: ${name}`,
    status: active ? 'ok' : 'warning',
    found: `${active ? 'stops' : 'not available; would stop'} ${stops}`,
    advice: active ? null : (layerAdvice[name] ?? 'install util-linux'),
  }))
}

/** Writes a file into a new subfolder and removes both. @throws the error of the system if that is not possible */
function tryToWrite(folder: string): void {
  const probe = mkdtempSync(join(folder, 'pfo-doctor-'))
  try {
    writeFileSync(join(probe, 'probe'), Buffer.alloc(4096))
  } finally {
    rmSync(probe, { recursive: true, force: true })
  }
}

function checkTemporary(): Check {
  const name = 'temporary files'
  try {
    tryToWrite(tmpdir())
    return { name, status: 'ok', found: tmpdir(), advice: null }
  } catch (fault) {
    return {
      name,
      status: 'problem',
      found: messageOf(fault),
      advice: 'free space, or set TMPDIR to a writable folder: patches are applied there',
    }
  }
}

/** The nearest existing folder: the folder itself or one of its parents. */
const nearest = (folder: string): string => (existsSync(folder) ? folder : nearest(dirname(folder)))

async function checkCache(): Promise<Check> {
  const name = 'cache'
  const folder = cacheFolder(process.env)
  try {
    if (!existsSync(folder)) {
      accessSync(nearest(folder), constants.W_OK)
      return { name, status: 'ok', found: `${folder}, not created yet`, advice: null }
    }
    tryToWrite(folder)
    const size = describeCache(await inspectCache(folder))
    return { name, status: 'ok', found: `${folder}, ${size}`, advice: null }
  } catch (fault) {
    return {
      name,
      status: 'warning',
      found: messageOf(fault),
      advice:
        'set XDG_CACHE_HOME to a writable folder; without a cache, every comparison plays everything again',
    }
  }
}

/**
 * Checks everything that the workbench needs or uses.
 *
 * @param nodeVersion - version of the running Node
 */
export async function checkMachine(nodeVersion: string = process.versions.node): Promise<Check[]> {
  return [
    checkNode(nodeVersion),
    await checkGit(),
    checkTemporary(),
    await checkCache(),
    ...(await checkLayers()),
    await checkClang(),
    await checkOptional('QEMU', ['qemu-system-ppc64'], 'boot real kernels and compare them with the models'),
    await checkOptional('Chromium', ['chromium', 'chromium-browser', 'google-chrome'], 'test HTML reports'),
  ]
}
