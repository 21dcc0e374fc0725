// SPDX-License-Identifier: GPL-2.0-only
import type { CountPoint, NodeCounts } from '@pfo-workbench/compare'
import type { JSX } from 'preact'

/** The picture's size in its own units; it is scaled to the page. */
const picture = { width: 720, height: 132, left: 30, right: 12, top: 10, bottom: 22 }

/** Above this a counter is saturated, or was never one. */
const highest = 1000

interface Scale {
  readonly steps: number
  readonly most: number
}

/** Each step has the same width, and in it each change of the count; so runs of different length stay comparable. */
function xOf(step: number, part: number, { steps }: Scale): number {
  const inner = picture.width - picture.left - picture.right
  return Math.round(picture.left + ((step + part) * inner) / steps)
}

function yOf(count: number, { most }: Scale): number {
  const inner = picture.height - picture.top - picture.bottom
  return Math.round(picture.top + inner - (Math.max(0, Math.min(count, most)) * inner) / most)
}

/** Where each point stands: the changes of one step are spread over it. */
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

/** A line that goes on until the count changes. */
function pathOf(points: readonly CountPoint[], scale: Scale): string {
  const [first, ...rest] = placed(points, scale)
  if (first === undefined) return ''
  const end = picture.width - picture.right
  return `M${String(first.x)} ${String(first.y)}${rest.map(({ x, y }) => `H${String(x)}V${String(y)}`).join('')}H${String(end)}`
}

function gridLines(most: number): number[] {
  const distance = Math.max(1, Math.ceil(most / 4))
  return Array.from({ length: Math.floor(most / distance) + 1 }, (_, index) => index * distance)
}

/** How a count went, in a line: for those who do not see the picture, and as its title. */
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

interface TimelineProps {
  readonly counts: NodeCounts
  /** The same node on the unpatched kernel, if it is another variant's. */
  readonly unpatched: NodeCounts | undefined
  readonly steps: number
}

/** The reference count of a node over a run, over the unpatched kernel's, and who changed it after the boot. */
export function Timeline({ counts, unpatched, steps }: TimelineProps): JSX.Element {
  const all = [...counts.points, ...(unpatched?.points ?? [])].map(({ count }) => count)
  const scale = { steps, most: Math.max(1, ...all.filter((count) => count <= highest)) + 1 }
  const bottom = picture.height - picture.bottom
  return (
    <figure class="timeline">
      <svg viewBox={`0 0 ${String(picture.width)} ${String(picture.height)}`} role="img">
        <title>{timelineTitle(counts)}</title>
        {gridLines(scale.most).map((count) => (
          <>
            <line
              class="grid"
              x1={picture.left}
              x2={picture.width - picture.right}
              y1={yOf(count, scale)}
              y2={yOf(count, scale)}
            />
            <text x={picture.left - 6} y={yOf(count, scale) + 4} text-anchor="end">
              {count}
            </text>
          </>
        ))}
        {Array.from({ length: steps }, (_, step) => (
          <>
            <line
              class="step"
              x1={xOf(step, 0, scale)}
              x2={xOf(step, 0, scale)}
              y1={picture.top}
              y2={bottom}
            />
            <text x={xOf(step, 0.5, scale)} y={picture.height - 6} text-anchor="middle">
              {step === 0 ? 'boot' : `step ${String(step)}`}
            </text>
          </>
        ))}
        {unpatched !== undefined && <path class="unpatched" d={pathOf(unpatched.points, scale)} />}
        <path class="count" d={pathOf(counts.points, scale)} />
      </svg>
      <figcaption>
        <span class="key count">{counts.node}</span>
        {unpatched !== undefined && <span class="key unpatched">the same on the unpatched kernel</span>}
      </figcaption>
      <details>
        <summary>Changes after the boot</summary>
        <Changes points={counts.points} />
      </details>
    </figure>
  )
}
