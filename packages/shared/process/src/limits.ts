// SPDX-License-Identifier: GPL-2.0-only
import { dieWithParentOptions, SandboxLayers, noNetworkOptions, type SandboxLayer } from './sandbox-layers.ts'

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

function resourceOptions({ milliseconds, memoryMegabytes, fileMegabytes }: ProcessLimits): readonly string[] {
  return [
    // A program with several threads uses more than one second of CPU time per second.
    `--cpu=${String(Math.ceil(milliseconds / 1000) * 4)}`,
    '--core=0',
    ...(memoryMegabytes === undefined ? [] : [`--as=${String(memoryMegabytes * 2 ** 20)}`]),
    ...(fileMegabytes === undefined ? [] : [`--fsize=${String(fileMegabytes * 2 ** 20)}`]),
  ]
}

/** The sandbox layers of the programs that `run` and `start` start. */
export const programLayers: SandboxLayers<ProcessLimits> = new SandboxLayers<ProcessLimits>(
  [
    {
      name: 'network namespace',
      tool: 'unshare',
      stops: 'every network connection',
      options: noNetworkOptions,
    },
    {
      name: 'resource limits',
      tool: 'prlimit',
      stops: 'too much memory, processor time and disk space',
      options: [resourceOptions],
    },
    {
      name: 'bound to its parent',
      tool: 'setpriv',
      stops: 'programs that outlive a killed workbench, new privileges',
      options: [() => [...dieWithParentOptions, '--no-new-privs']],
    },
  ],
  { limits: { milliseconds: 10_000, outputBytes: 0, memoryMegabytes: 512, fileMegabytes: 1 } },
)

/**
 * Lists the sandbox layers of programs, and which of them work on this machine. The first call tries each of them once.
 */
export async function programSandboxLayers(): Promise<readonly SandboxLayer[]> {
  return programLayers.list()
}
