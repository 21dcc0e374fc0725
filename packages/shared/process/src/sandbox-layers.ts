// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process'
import { findExecutable } from './executables.ts'

/** A util-linux tool that starts a program under a restriction. */
export interface SandboxLayerKind<Limits> {
  readonly name: string
  readonly tool: 'unshare' | 'prlimit' | 'setpriv'
  /** The access that the tool prevents. */
  readonly stops: string
  /** Alternatives, tried in order. The first that works is used. */
  readonly options: readonly ((limits: Limits) => readonly string[])[]
}

/** A layer, and its state on this machine. */
export interface SandboxLayer {
  readonly name: string
  readonly tool: SandboxLayerKind<never>['tool']
  /** The access that the tool prevents. */
  readonly stops: string
  /** True if the tool is installed and works for this user. */
  readonly active: boolean
}

/** Options of `unshare` that leave a program without a network: for root, and for other users. */
export const noNetworkOptions: SandboxLayerKind<unknown>['options'] = [
  () => ['--net'],
  () => ['--map-root-user', '--net'],
]

/** Options of `setpriv` that kill a process when its parent ends. */
export const dieWithParentOptions: readonly string[] = ['--pdeathsig', 'KILL']

/** Options of `unshare` that start a program as the first process of a PID namespace. */
const ownProcesses: readonly string[] = ['--pid', '--fork', '--kill-child']

/** A layer with the options that work on this machine. */
interface ActiveLayer<Limits> {
  readonly file: string
  readonly options: (limits: Limits) => readonly string[]
}

/** True if the program starts and exits with 0. */
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

/** A command that is run once inside each layer, to see whether the layer works on this machine. */
export interface SandboxLayerTrial<Limits> {
  readonly limits: Limits
  /** The program; the tool itself by default. It gets the argument `--version`. */
  readonly program?: string
}

/** The layers that programs are started in. */
export class SandboxLayers<Limits> {
  readonly #kinds: readonly SandboxLayerKind<Limits>[]
  readonly #trial: SandboxLayerTrial<Limits>
  #active: Promise<readonly (ActiveLayer<Limits> | null)[]> | null = null

  constructor(kinds: readonly SandboxLayerKind<Limits>[], trial: SandboxLayerTrial<Limits>) {
    this.#kinds = kinds
    this.#trial = trial
  }

  /** Lists the layers, and which of them work on this machine. The first call tries each of them once. */
  async list(): Promise<readonly SandboxLayer[]> {
    const active = await this.#find()
    return this.#kinds.map(({ name, tool, stops }, index) => ({
      name,
      tool,
      stops,
      active: active[index] !== null,
    }))
  }

  /** The command prefix that starts a program inside every layer that this machine has. */
  async command(limits: Limits): Promise<readonly string[]> {
    return (await this.#find()).flatMap((layer) =>
      layer === null ? [] : [layer.file, ...layer.options(limits)],
    )
  }

  async #find(): Promise<readonly (ActiveLayer<Limits> | null)[]> {
    this.#active ??= Promise.all(this.#kinds.map(async (kind) => this.#try(kind)))
    return this.#active
  }

  async #try({ tool, options }: SandboxLayerKind<Limits>): Promise<ActiveLayer<Limits> | null> {
    const file = findExecutable(tool)
    if (file === null) return null
    const { limits, program = file } = this.#trial
    for (const option of options) {
      if (await succeeds(file, [...option(limits), program, '--version'])) return { file, options: option }
    }
    return null
  }
}

const parentBoundLayers = new SandboxLayers(
  [
    {
      name: 'bound to its parent',
      tool: 'setpriv',
      stops: 'programs that outlive a killed workbench',
      options: [() => dieWithParentOptions],
    },
    {
      // The kernel kills all processes of a PID namespace when its first process ends.
      name: 'own PID namespace',
      tool: 'unshare',
      stops: 'children of a program that outlive it',
      options: [() => ownProcesses, () => ['--map-root-user', ...ownProcesses]],
    },
  ],
  { limits: null },
)

/**
 * The command prefix that starts a program which the kernel kills, with all its children, when this process is killed.
 * The prefix is shorter or empty on a machine without the tools or permissions that this needs.
 */
export async function dieWithParentCommand(): Promise<readonly string[]> {
  return parentBoundLayers.command(null)
}
