// SPDX-License-Identifier: GPL-2.0-only
import { Clang, type Compiler } from '@pfo-workbench/clang'
import {
  compareReplayInC,
  jobOf,
  type ReplayComparison,
  type NotReplayed,
  type Recording,
  type ReplayedRun,
  type ReplayJob,
} from '@pfo-workbench/conformance'
import { recordedPartition, StepReplayer } from '@pfo-workbench/conformance/replay'
import { bootOf, makeKernelImage, type KernelImage } from '@pfo-workbench/engine-c'
import type { KernelTree } from '@pfo-workbench/kernel-tree'
import type { WebAssemblyApi } from '@pfo-workbench/machine'
import type { VariantAgreement } from '../replay.ts'
import { CKernel } from './c-kernel.ts'
import { addDynamicNodes } from './dynamic-nodes.ts'
import { observerRoots, observerSource } from './own-source.ts'
import { RecordedPatchError, treeOfVariant } from './recorded-patches.ts'

/** Settings for a replay on a kernel tree. */
export interface ReplayedKernel {
  readonly tree: KernelTree
  readonly compiler: Compiler
  readonly cacheFolder: string
  /** Folder with the patches that variants name; null for patches that the workbench generates for this tree. */
  readonly patches: string | null
  /** Called with messages about compiled files and replayed recordings. */
  readonly onProgress: (text: string) => void
}

/** WebAssembly of the JavaScript runtime; Node's types do not declare it. */
const realm = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }

type Image = Extract<KernelImage, { status: 'ok' }>

/** Replays all recordings on a kernel in C with the patches that each recording names. */
export async function replayOnKernel(
  recordings: readonly Recording[],
  kernel: ReplayedKernel,
): Promise<VariantAgreement[]> {
  const clang = new Clang(kernel.compiler, {})
  try {
    const agreements: VariantAgreement[] = []
    for (const variant of new Set(recordings.map((one) => one.variant))) {
      const own = recordings.filter((one) => one.variant === variant)
      agreements.push(await replayVariant(variant, own, kernel, clang))
    }
    return agreements
  } finally {
    await clang.dispose()
  }
}

async function replayVariant(
  variant: string,
  recordings: readonly Recording[],
  kernel: ReplayedKernel,
  clang: Clang,
): Promise<VariantAgreement> {
  const made = await imageOf(variant, kernel, clang)
  const comparisons: ReplayComparison[] = []
  const notReplayed: NotReplayed[] = []
  for (const recording of recordings) {
    kernel.onProgress(`${variant}/${recording.scenario}`)
    const played = typeof made === 'string' ? made : replay(made, jobOf(recording))
    if (typeof played === 'string')
      notReplayed.push({ variant, scenario: recording.scenario, reason: played })
    else comparisons.push(compareReplayInC(recording, played))
  }
  return { variant, comparisons, notReplayed }
}

/** Image of a variant, or the reason why there is none. */
async function imageOf(variant: string, kernel: ReplayedKernel, clang: Clang): Promise<Image | string> {
  const { cacheFolder, onProgress } = kernel
  let tree: KernelTree
  try {
    tree = await treeOfVariant(variant, kernel.tree, kernel.patches)
  } catch (fault) {
    if (!(fault instanceof RecordedPatchError)) throw fault
    return fault.message
  }
  const made = await makeKernelImage(tree, {
    clang,
    cacheFolder,
    source: observerSource,
    roots: observerRoots,
    onProgress: (done, total) => onProgress(`${variant}: ${String(done)} of ${String(total)} files`),
  })
  if (made.status === 'ok') return made
  return made.failed.map(({ file, diagnostics }) => `${file} cannot be compiled:\n${diagnostics}`).join('\n')
}

/**
 * Plays a job on a freshly booted kernel.
 *
 * @returns the run; or a reason as text if a step reached a function that the engine does not implement
 */
function replay({ image, release }: Image, job: ReplayJob): ReplayedRun | string {
  const { partition, devicetree, dynamic } = recordedPartition(job)
  let observedFrom = 0
  const boot = bootOf({
    image,
    release,
    webAssembly: realm.WebAssembly,
    devicetree,
    steps: {
      unflattened: (machine) => addDynamicNodes(machine, dynamic),
      driverInit: (machine) => void (observedFrom = machine.journal.events.length),
    },
  })
  const kernel = boot({ config: { slubPoison: job.slubPoison }, partition, backgroundEvents: true })
  const replayer = new StepReplayer(new CKernel(kernel, observedFrom), partition)
  const steps = [replayer.boot]
  for (const step of job.steps) {
    steps.push(replayer.play(step))
    if (kernel.unmodelled !== null) {
      const { function: name, chain } = kernel.unmodelled
      return `step ${String(step.step)} reached ${name}(), which the engine does not implement: ${chain.map((frame) => frame.function).join(' < ')}`
    }
  }
  return { steps }
}
