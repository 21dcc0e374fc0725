// SPDX-License-Identifier: GPL-2.0-only
import { linuxFacts } from '@pfo-workbench/run'
import type { CallChain, KernelState, RunEvent, Scenario, Step, BootedKernel } from '@pfo-workbench/run'
import type { Boot, BootOptions } from '../src/index.ts'

/** A machine whose results the test sets, and that records its calls. */
export class FakeKernel implements BootedKernel {
  readonly facts = linuxFacts
  outcome: BootedKernel['outcome'] = 'completed'
  unmodelled: BootedKernel['unmodelled'] = null
  assumed: readonly string[] = []
  events: RunEvent[] = []
  console: string[] = []
  waits = false
  step = 0
  readonly asked: string[] = []
  readonly booted: BootOptions
  result: number | null = 0
  content: string | number | null = 'text\n'
  failed: CallChain | null = null
  nodes: KernelState['nodes'] = []
  vio: KernelState['vio'] = []

  constructor(booted: BootOptions) {
    this.booted = booted
  }

  #ask(what: string): number | null {
    this.asked.push(`${String(this.step)} ${what}`)
    return this.result
  }

  insmod(name: string): number | null {
    return this.#ask(`insmod ${name}`)
  }

  rmmod(name: string): number | null {
    return this.#ask(`rmmod ${name}`)
  }

  read(path: string): string | number | null {
    this.#ask(`read ${path}`)
    return this.content
  }

  write(path: string, data: string): number | null {
    return this.#ask(`write ${path} ${data}`)
  }

  migrate(): number | null {
    return this.#ask('migrate')
  }

  updateTree(): number | null {
    return this.#ask('update tree')
  }

  lookup(target: string | number): boolean | null {
    this.#ask(`lookup ${String(target)}`)
    return target === '/'
  }

  failAllocation({ allocation }: { readonly allocation: number }): () => CallChain | null {
    this.#ask(`fail ${String(allocation)}`)
    return () => {
      this.#ask('fail no more')
      return this.failed
    }
  }

  settle(): void {
    this.#ask('settle')
  }

  state(): KernelState {
    return { nodes: this.nodes, phandleCache: [], vio: this.vio }
  }
}

/** Returns a boot function for fakes that `prepare` sets up, and the list of booted fakes. */
export function fakes(prepare: (fake: FakeKernel, index: number) => void = () => undefined): {
  readonly boot: Boot
  readonly booted: FakeKernel[]
} {
  const booted: FakeKernel[] = []
  return {
    booted,
    boot: (options) => {
      const fake = new FakeKernel(options)
      prepare(fake, booted.length)
      booted.push(fake)
      return fake
    },
  }
}

export const scenarioOf = (...steps: Step[]): Scenario => ({
  id: 'a-test',
  title: 'A test',
  machine: { config: {}, devicetree: null },
  steps,
})
