// SPDX-License-Identifier: GPL-2.0-only
import type { CountPoint, NodeCounts } from '@pfo-workbench/compare'
import type { JSX } from 'preact'

/** Size of the picture in SVG units; the page scales it. */
const picture = { width: 720, height: 132, left: 30, right: 12, top: 10, bottom: 22 }

/** A higher count means that the counter is saturated, or that the memory never was a counter. */
const highest = 1000

interface Scale {
  readonly steps: number
  readonly max: number
}

/** A node's reference count, and the number of steps of its run. */
interface CountedRun {
  readonly counts: NodeCounts
  readonly steps: number
}

/**
 * All steps have the same width, so runs of different length line up. The changes within a step are spread over its
 * width.
 */
function xOf(step: number, part: number, { steps }: Scale): number {
  const inner = picture.width - picture.left - picture.right
  return Math.round(picture.left + ((step + part) * inner) / steps)
}

function yOf(count: number, { max }: Scale): number {
  const inner = picture.height - picture.top - picture.bottom
  return Math.round(picture.top + inner - (Math.max(0, Math.min(count, max)) * inner) / max)
}

/** Positions of the points. The changes of one step are spread evenly over its width. */
function placed(points: readonly CountPoint[], scale: Scale): { x: number; y: number; point: CountPoint }[] {
  const perStep = new Map<number, number>()
  for (const { step } of points) perStep.set(step, (perStep.get(step) ?? 0) + 1)
  let [step, index] = [-1, 0]
  return points.map((point) => {
    index = point.step === step ? index + 1 : 1
    step = point.step
    const part = index / ((perStep.get(step) ?? 0) + 1)
    return { x: xOf(step, part, scale), y: yOf(point.count, scale), point }
  })
}

/** Draws a step line up to the last step of the run, which may have ended early. */
function pathOf({ counts: { points }, steps }: CountedRun, scale: Scale): string {
  const [first, ...rest] = placed(points, scale)
  if (first === undefined) return ''
  const end = xOf(steps, 0, scale)
  return `M${String(first.x)} ${String(first.y)}${rest.map(({ x, y }) => `H${String(x)}V${String(y)}`).join('')}H${String(end)}`
}

function gridLines(max: number): number[] {
  const distance = Math.max(1, Math.ceil(max / 4))
  return Array.from({ length: Math.floor(max / distance) + 1 }, (_, index) => index * distance)
}

/** Summarizes a count in one line. Used as the picture's title and by screen readers. */
export function timelineTitle({ node, points }: NodeCounts): string {
  const counts = points.map(({ count }) => count)
  const numbers = [counts[0], Math.max(...counts), counts.at(-1)].map((count) =>
    (count ?? 0) > highest ? 'saturated' : String(count ?? 0),
  )
  return `${node}: first ${numbers[0] ?? ''}, at most ${numbers[1] ?? ''}, at the end ${numbers[2] ?? ''}`
}

function Changes({ points }: { readonly points: readonly CountPoint[] }): JSX.Element {
  const late = points.filter(({ step }) => step > 0)
  const lines = late.map(({ step, count, change, by }) => {
    const sign = change < 0 ? '−' : '+'
    return `${String(step)}  ${sign}${String(Math.abs(change))} = ${String(count)}  ${by}`
  })
  return <pre>{['step, change, count, by', ...lines].join('\n')}</pre>
}

/** The counts to draw. */
export interface TimelineProps {
  readonly run: CountedRun
  /** The same node on the unpatched kernel, if its count differs. */
  readonly unpatched: CountedRun | undefined
}

/**
 * Draws the reference count of a node over a run, on top of the unpatched kernel's if that differs, and lists who
 * changed the count after boot.
 */
export function Timeline({ run, unpatched }: TimelineProps): JSX.Element {
  const { counts } = run
  const all = [...counts.points, ...(unpatched?.counts.points ?? [])].map(({ count }) => count)
  const scale = {
    steps: Math.max(run.steps, unpatched?.steps ?? 0),
    max: Math.max(1, ...all.filter((count) => count <= highest)) + 1,
  }
  const levels = gridLines(scale.max)
  const starts = Array.from({ length: scale.steps }, (_, step) => xOf(step, 0, scale))
  const [right, bottom] = [picture.width - picture.right, picture.height - picture.bottom]
  return (
    <figure class="timeline">
      <svg viewBox={`0 0 ${String(picture.width)} ${String(picture.height)}`} role="img">
        <title>{timelineTitle(counts)}</title>
        <path
          class="grid"
          d={levels
            .map((count) => `M${String(picture.left)} ${String(yOf(count, scale))}H${String(right)}`)
            .join('')}
        />
        <path
          class="step"
          d={starts.map((x) => `M${String(x)} ${String(picture.top)}V${String(bottom)}`).join('')}
        />
        <g class="count">
          {levels.map((count) => (
            <text x={picture.left - 6} y={yOf(count, scale) + 4}>
              {count}
            </text>
          ))}
        </g>
        <g class="step" transform={`translate(0 ${String(picture.height - 6)})`}>
          {starts.map((_, step) => (
            <text x={xOf(step, 0.5, scale)}>{step === 0 ? 'boot' : step}</text>
          ))}
        </g>
        {unpatched !== undefined && <path class="unpatched" d={pathOf(unpatched, scale)} />}
        <path class="count" d={pathOf(run, scale)} />
      </svg>
      <figcaption>
        <span class="key count">{counts.node}, by step</span>
        {unpatched !== undefined && <span class="key unpatched">the same on the unpatched kernel</span>}
      </figcaption>
      <details>
        <summary>Changes after the boot</summary>
        <Changes points={counts.points} />
      </details>
    </figure>
  )
}
