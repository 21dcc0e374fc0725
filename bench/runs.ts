// SPDX-License-Identifier: GPL-2.0-only
import { boot } from '@pfo-workbench/engine-models/boot'
import { examine } from '@pfo-workbench/oracle'
import { playScenario, type PlayJob } from '@pfo-workbench/play'
import type { RunRecord } from '@pfo-workbench/run'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { heading, line, measure, ratio, time } from './measure.ts'

const jobs = shippedScenarios().map((scenario): PlayJob => ({ scenario, trace: false }))

/** Plays `count` scenarios in order. Starts over after the last one. */
function play(count: number, one: (job: PlayJob) => unknown, start = 0): void {
  for (let i = start; i < start + count; i++) {
    const job = jobs[i % jobs.length]
    if (job !== undefined) one(job)
  }
}

const look =
  (say: (run: RunRecord) => unknown) =>
  (job: PlayJob): unknown =>
    say(playScenario(job, boot))

/** Measures runs per second of CPU time. */
export async function benchRuns(): Promise<void> {
  heading('Scenarios played in this process, one by one', 'runs/s CPU', 'one run', 'ratio')
  const ways: readonly (readonly [string, (job: PlayJob) => unknown])[] = [
    ['played, nothing looked at', look(({ outcome }) => outcome)],
    ['examined by all oracles', look(examine)],
    ['everything written out', (job) => JSON.stringify(playScenario(job, boot))],
  ]
  const rounds = 20 * jobs.length
  let least = 0
  for (const [what, way] of ways) {
    play(5 * jobs.length, way)
    const each =
      (
        await measure(() => {
          play(rounds, way)
        })
      ).cpu / rounds
    least ||= each
    line(what, (1000 / each).toFixed(0), time(each), ratio(each, least))
  }
}

/** Measures the time per cell for few and for many cells. */
export async function benchCells(): Promise<void> {
  heading('Cells: a scenario played and examined', 'CPU', 'one cell', 'ratio')
  const cell = look(examine)
  play(5 * jobs.length, cell)
  let first = 0
  for (const count of [10, 100, 1000]) {
    // A small count is repeated, so that all counts play the same scenarios in total.
    const repeats = 1000 / count
    const { cpu } = await measure(() => {
      for (let i = 0; i < repeats; i++) play(count, cell, i * count)
    })
    const each = cpu / 1000
    first ||= each
    line(`${String(count)} cells`, time(cpu / repeats), time(each), ratio(each, first))
  }
}

function heapInUse(): number {
  if (globalThis.gc === undefined) throw new Error('start this with node --expose-gc')
  globalThis.gc()
  return process.memoryUsage().heapUsed / 2 ** 20
}

/** Shows whether memory is freed: heap in use after increasing numbers of runs. */
export function benchMemory(runs: number): void {
  heading(`Memory in use over ${String(runs)} runs`, 'heap', 'ratio')
  const cell = look(examine)
  const tenth = Math.ceil(runs / 10)
  let first = 0
  for (let done = tenth; done <= runs; done += tenth) {
    play(tenth, cell)
    const heap = heapInUse()
    first ||= heap
    line(`after ${String(done)}`, `${heap.toFixed(1)} MB`, ratio(heap, first))
  }
}

/** Plays each scenario once in this process, including the boot. Returns wall-clock times in ms. */
export async function playedOnce(): Promise<{ scenario: string; wall: number }[]> {
  const cell = look(examine)
  play(5 * jobs.length, cell)
  const costs: { scenario: string; wall: number }[] = []
  for (const job of jobs) {
    costs.push({ scenario: job.scenario.id, wall: (await measure(() => cell(job))).wall })
  }
  return costs
}
