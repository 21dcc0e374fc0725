// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process'
import { findProgram } from './tools.ts'

/** Limits of a program. */
export interface ProcessLimits {
  /** Wall-clock time, in ms. */
  readonly milliseconds: number
  /** Bytes of standard output. */
  readonly outputBytes: number
  /** Address space, in MB. Enforced only if the machine has `prlimit`. */
  readonly memoryMegabytes?: number
  /** Size of each file that the program writes, in MB. Enforced only if the machine has `prlimit`. */
  readonly fileMegabytes?: number
}

/** A util-linux tool that starts a program under a restriction. */
export interface Wall {
  readonly tool: 'unshare' | 'prlimit' | 'setpriv'
  /** The access that the tool prevents. */
  readonly stops: string
  /** True if the tool is installed and works for this user. */
  readonly active: boolean
}

interface WallKind extends Omit<Wall, 'active'> {
  /** Alternatives, tried in order. The first that works is used. */
  readonly options: readonly ((limits: ProcessLimits) => readonly string[])[]
}

function resourceOptions({ milliseconds, memoryMegabytes, fileMegabytes }: ProcessLimits): readonly string[] {
  return [
    // A program with several threads uses more than one second of CPU time per second.
    `--cpu=${String(Math.ceil(milliseconds / 1000) * 4)}`,
    '--core=0',
    ...(memoryMegabytes === undefined ? [] : [`--as=${String(memoryMegabytes * 2 ** 20)}`]),
    ...(fileMegabytes === undefined ? [] : [`--fsize=${String(fileMegabytes * 2 ** 20)}`]),
  ]
}

const kinds: readonly WallKind[] = [
  {
    tool: 'unshare',
    stops: 'every network connection',
    options: [() => ['--net'], () => ['--map-root-user', '--net']],
  },
  { tool: 'prlimit', stops: 'too much memory, processor time and disk space', options: [resourceOptions] },
  {
    tool: 'setpriv',
    stops: 'programs that outlive a killed workbench, new privileges',
    options: [() => ['--pdeathsig', 'KILL', '--no-new-privs']],
  },
]

interface ActiveWall {
  readonly file: string
  readonly options: (limits: ProcessLimits) => readonly string[]
}

async function succeeds(file: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { env: {}, stdio: 'ignore' })
    child.once('error', () => {
      resolve(false)
    })
    child.once('exit', (code) => {
      resolve(code === 0)
    })
  })
}

const trialLimits: ProcessLimits = {
  milliseconds: 10_000,
  outputBytes: 0,
  memoryMegabytes: 512,
  fileMegabytes: 1,
}

async function tryWall({ tool, options }: WallKind): Promise<ActiveWall | null> {
  const file = findProgram(tool)
  if (file === null) return null
  for (const option of options) {
    if (await succeeds(file, [...option(trialLimits), file, '--version'])) return { file, options: option }
  }
  return null
}

const state: { active: Promise<(ActiveWall | null)[]> | null } = { active: null }

async function activeWalls(): Promise<(ActiveWall | null)[]> {
  state.active ??= Promise.all(kinds.map(tryWall))
  return state.active
}

/** Lists the walls, and which of them work on this machine. The first call tries each of them once. */
export async function walls(): Promise<readonly Wall[]> {
  const active = await activeWalls()
  return kinds.map(({ tool, stops }, index) => ({ tool, stops, active: active[index] !== null }))
}

/** The command prefix that starts a program behind every wall that this machine has. */
export async function wallCommand(limits: ProcessLimits): Promise<readonly string[]> {
  return (await activeWalls()).flatMap((wall) => (wall === null ? [] : [wall.file, ...wall.options(limits)]))
}
