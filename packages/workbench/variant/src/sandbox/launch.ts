// SPDX-License-Identifier: GPL-2.0-only
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { endsWithParent, findTool, succeeds } from '../processes/tools.ts'

/** A sandbox layer that not every machine supports. */
export interface SandboxLayer {
  readonly name: string
  /** The access that the layer blocks. */
  readonly stops: string
  /** True if this machine supports it. */
  readonly active: boolean
}

/** Resource limits of a process. */
export interface LaunchLimits {
  /** Size of the heap. */
  readonly memoryMegabytes: number
  /** Time on all processors together. */
  readonly cpuSeconds: number
}

const nodeMajor = Number(process.versions.node.split('.')[0])

/**
 * Memory that Node needs besides the requested heap: stacks, compiled code, buffers. Node 24 does not start with less
 * than some 600 MB, most of which it reserves but never uses.
 */
const overheadMegabytes = nodeMajor < 24 ? 256 : 768

interface Wrapper {
  readonly name: string
  readonly stops: string
  readonly tool: string
  /** Alternative options; the first working one is used. */
  readonly options: readonly ((limits: LaunchLimits) => readonly string[])[]
}

/** Used if the workbench runs as root. Otherwise code that escaped would be root. */
const nobody = '65534'
const asNobody = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups']

const bound = [...endsWithParent, '--no-new-privs']

const wrappers: readonly Wrapper[] = [
  {
    name: 'network namespace',
    stops: 'all connections, also to this machine',
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
    stops: 'processes that outlive a killed workbench, new privileges, root privileges',
    tool: 'setpriv',
    options: [() => [...asNobody, ...bound], () => bound],
  },
]

/** A wrapper with the options that work on this machine. */
interface ActiveWrapper {
  readonly file: string
  readonly options: (limits: LaunchLimits) => readonly string[]
}

/** Limits for probing the wrappers. */
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

/** Returns the wrappers that work here; probes them once. */
async function activeWrappers(): Promise<(ActiveWrapper | null)[]> {
  state.active ??= Promise.all(wrappers.map(probe))
  return state.active
}

/**
 * Returns the layers that this machine adds to those that are always active (process, permission model, realm, heap and
 * time limits).
 */
export async function sandboxLayers(): Promise<SandboxLayer[]> {
  const active = await activeWrappers()
  return wrappers.map(({ name, stops }, index) => ({ name, stops, active: active[index] !== null }))
}

/**
 * Node's own restrictions. No permission is granted, not even to read files: the program is an argument, and the rest
 * comes through standard input. Never allow workers: they can be started without the restrictions.
 */
function nodeOptions(memoryMegabytes: number): string[] {
  return [
    nodeMajor < 22 ? '--experimental-permission' : '--permission',
    '--disallow-code-generation-from-strings',
    '--frozen-intrinsics',
    '--no-addons',
    '--no-warnings',
    // Optimizing does not pay for code that runs for a second, and the maximum stack depth would depend on it.
    '--no-opt',
    `--max-old-space-size=${String(memoryMegabytes)}`,
    '--input-type=commonjs',
  ]
}

/**
 * Starts a Node process that can compute, read standard input and write standard output, and little else.
 *
 * @param program - source of the program
 */
export async function launch(program: string, limits: LaunchLimits): Promise<ChildProcessWithoutNullStreams> {
  const wrapping = (await activeWrappers()).flatMap((wrapper) =>
    wrapper === null ? [] : [wrapper.file, ...wrapper.options(limits)],
  )
  const command = [...wrapping, process.execPath, ...nodeOptions(limits.memoryMegabytes), '--eval', program]
  const [file = process.execPath, ...args] = command
  return spawn(file, args, { cwd: '/', env: {}, stdio: 'pipe', windowsHide: true })
}
