// SPDX-License-Identifier: GPL-2.0-only
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { endsWithParent, findTool, succeeds } from '../processes/tools.ts'

/** One of the walls around patched code that not every machine has. */
export interface SandboxLayer {
  readonly name: string
  /** What it stops. */
  readonly stops: string
  /** Whether this machine has it. */
  readonly active: boolean
}

/** What a process may use. */
export interface LaunchLimits {
  /** Size of the heap. */
  readonly memoryMegabytes: number
  /** Time on all processors together. */
  readonly cpuSeconds: number
}

const nodeMajor = Number(process.versions.node.split('.')[0])

/**
 * Memory that Node needs besides the heap that was asked for: stacks, compiled code, buffers in transit. Node 24 does not start
 * with less than some 600 MB, most of which it reserves and never uses.
 */
const overheadMegabytes = nodeMajor < 24 ? 256 : 768

interface Wrapper {
  readonly name: string
  readonly stops: string
  readonly tool: string
  /** Alternative options; the first that works is taken. */
  readonly options: readonly ((limits: LaunchLimits) => readonly string[])[]
}

/** For who is root: without these, patched code that found its way out would be root. */
const nobody = '65534'
const asNobody = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups']

const bound = [...endsWithParent, '--no-new-privs']

const wrappers: readonly Wrapper[] = [
  {
    name: 'network namespace',
    stops: 'every connection, to this machine as well',
    tool: 'unshare',
    options: [() => ['--net'], () => ['--map-root-user', '--net']],
  },
  {
    name: 'resource limits',
    stops: 'memory outside the JavaScript heap, files of any size, core dumps, endless loops',
    tool: 'prlimit',
    options: [
      ({ memoryMegabytes, cpuSeconds }) => [
        `--data=${String((2 * memoryMegabytes + overheadMegabytes) * 2 ** 20)}`,
        `--cpu=${String(cpuSeconds)}`,
        '--fsize=0',
        '--core=0',
      ],
    ],
  },
  {
    name: 'bound to its parent',
    stops: 'an orphan when the workbench is killed, new privileges, those of root',
    tool: 'setpriv',
    options: [() => [...asNobody, ...bound], () => bound],
  },
]

/** A wrapper as this machine has it. */
interface ActiveWrapper {
  readonly file: string
  readonly options: (limits: LaunchLimits) => readonly string[]
}

/** With which wrappers are tried. */
const probeLimits: LaunchLimits = { memoryMegabytes: 512, cpuSeconds: 60 }

async function probe({ tool, options }: Wrapper): Promise<ActiveWrapper | null> {
  const file = findTool(tool)
  if (file === null) return null
  for (const option of options) {
    if (await succeeds(file, [...option(probeLimits), process.execPath, '--version']))
      return { file, options: option }
  }
  return null
}

const state: { active: Promise<(ActiveWrapper | null)[]> | null } = { active: null }

/** Which wrappers work here; found out once. */
async function activeWrappers(): Promise<(ActiveWrapper | null)[]> {
  state.active ??= Promise.all(wrappers.map(probe))
  return state.active
}

/** The walls that this machine adds to those that are always there (process, permission model, realm, heap and time limits). */
export async function sandboxLayers(): Promise<SandboxLayer[]> {
  const active = await activeWrappers()
  return wrappers.map(({ name, stops }, index) => ({ name, stops, active: active[index] !== null }))
}

/**
 * Node's own walls. No permission is granted, not even to read: the program comes as an argument and the rest through
 * standard input. Workers must never be allowed: they can be started without the restrictions.
 */
function nodeOptions(memoryMegabytes: number): string[] {
  return [
    nodeMajor < 22 ? '--experimental-permission' : '--permission',
    '--disallow-code-generation-from-strings',
    '--frozen-intrinsics',
    '--no-addons',
    '--no-warnings',
    // For code that runs for a second optimizing costs more than it gains; and how deep a stack can get would depend on it.
    '--no-opt',
    `--max-old-space-size=${String(memoryMegabytes)}`,
    '--input-type=commonjs',
  ]
}

/**
 * Starts a Node process that can compute, read its standard input, write its standard output, and little else.
 *
 * @param program - the text it runs
 */
export async function launch(program: string, limits: LaunchLimits): Promise<ChildProcessWithoutNullStreams> {
  const wrapping = (await activeWrappers()).flatMap((wrapper) =>
    wrapper === null ? [] : [wrapper.file, ...wrapper.options(limits)],
  )
  const command = [...wrapping, process.execPath, ...nodeOptions(limits.memoryMegabytes), '--eval', program]
  const [file = process.execPath, ...args] = command
  return spawn(file, args, { cwd: '/', env: {}, stdio: 'pipe', windowsHide: true })
}
