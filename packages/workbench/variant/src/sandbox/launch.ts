// SPDX-License-Identifier: GPL-2.0-only
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import {
  dieWithParentOptions,
  SandboxLayers,
  noNetworkOptions,
  type SandboxLayer,
} from '@pfo-workbench/process'

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

/** User and group of the child if the workbench runs as root, so that code that escapes does not have root's rights. */
const nobody = '65534'
const asNobody = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups']

const bound = [...dieWithParentOptions, '--no-new-privs']

const layers = new SandboxLayers<LaunchLimits>(
  [
    {
      name: 'network namespace',
      stops: 'all connections, also to this machine',
      tool: 'unshare',
      options: noNetworkOptions,
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
  ],
  { limits: { memoryMegabytes: 512, cpuSeconds: 60 }, program: process.execPath },
)

/**
 * Returns the layers that this machine adds to those that are always active (process, permission model, realm, heap and
 * time limits).
 */
export async function sandboxLayers(): Promise<readonly SandboxLayer[]> {
  return layers.list()
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
    // Optimizing does not pay for code that runs for a second, and it would change the maximum stack depth.
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
  const command = [
    ...(await layers.command(limits)),
    process.execPath,
    ...nodeOptions(limits.memoryMegabytes),
    '--eval',
    program,
  ]
  const [file = process.execPath, ...args] = command
  return spawn(file, args, { cwd: '/', env: {}, stdio: 'pipe', windowsHide: true })
}
