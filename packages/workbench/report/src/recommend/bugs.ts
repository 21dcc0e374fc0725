// SPDX-License-Identifier: GPL-2.0-only
import type { Cell, Comparison, JudgedFinding } from '@pfo-workbench/compare'
import type { FindingKind } from '@pfo-workbench/oracle'

/**
 * A bug: introduced findings with the same cause. Causes are the same if the first wrong call is in the same function
 * and its finding is of the same kind. Consequences in the same run belong to the bug: the lines that the kernel
 * prints, and the work that a dead or hung task left undone.
 */
export interface Bug {
  /** The function of the first wrong call; empty if no call chain is known. */
  readonly function: string
  readonly kind: FindingKind
  /** The earliest finding of the bug. */
  readonly finding: JudgedFinding
  /** Number of findings that the bug causes. */
  readonly findings: number
  /** The cells that have the bug, in the order of the scenarios. */
  readonly cells: readonly Cell[]
  /** True if a task dies or hangs in a scenario that completes on the unpatched kernel and makes no allocation fail. */
  readonly breaksWhatWorked: boolean
  /** True if the bug shows only in scenarios that make an allocation fail. */
  readonly onlyIfMemoryIsShort: boolean
}

const endsTask = ({ kind }: JudgedFinding): boolean => kind === 'task-killed' || kind === 'waits-forever'

/**
 * Kinds of findings about a single call. The others are about the final state of a run, or about lines of the console.
 */
const ofCalls: ReadonlySet<FindingKind> = new Set<FindingKind>([
  'task-killed',
  'waits-forever',
  'touched-after-free',
  'freed-again',
  'counter-fault',
  'bad-put',
  'stolen-reference',
  'detached-node-returned',
  'renamed',
  'not-created',
  'may-sleep',
])

const functionOf = ({ evidence }: JudgedFinding): string => evidence[0]?.chain[0]?.function ?? ''

/** Position of a finding in its run. */
function momentOf({ step, evidence }: JudgedFinding): [step: number, seq: number] {
  return [step, Math.min(...evidence.map(({ seq }) => seq ?? Number.POSITIVE_INFINITY))]
}

function isBefore(a: JudgedFinding, b: JudgedFinding): boolean {
  const [[stepA, seqA], [stepB, seqB]] = [momentOf(a), momentOf(b)]
  return stepA < stepB || (stepA === stepB && seqA < seqB)
}

/** Sorts findings by their position in the run. */
const inTime = (findings: readonly JudgedFinding[]): JudgedFinding[] =>
  findings.toSorted((a, b) => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0))

/**
 * Returns the wrong call that made the kernel print a line: an earlier call in the same step that the printing function
 * made. Undefined if there is none.
 */
function callBehind(line: JudgedFinding, calls: readonly JudgedFinding[]): JudgedFinding | undefined {
  const name = functionOf(line)
  return calls.find(
    (one) =>
      one.step === line.step &&
      isBefore(one, line) &&
      one.evidence[0]?.chain.some((frame) => frame.function === name) === true,
  )
}

/** Returns the first cause of a finding among the findings of its run; the finding itself if no other caused it. */
function rootOf(finding: JudgedFinding, run: readonly JudgedFinding[]): JudgedFinding {
  const calls = run.filter((one) => one !== finding && ofCalls.has(one.kind))
  const sameCall =
    calls.find((one) => functionOf(one) === functionOf(finding) && functionOf(one) !== '') ??
    (finding.kind === 'console-line' ? callBehind(finding, calls) : undefined)
  if (
    sameCall !== undefined &&
    (!ofCalls.has(finding.kind) || (endsTask(finding) && isBefore(sameCall, finding)))
  )
    return rootOf(
      sameCall,
      run.filter((one) => one !== finding),
    )
  const end = run.find((one) => one !== finding && endsTask(one))
  if (end === undefined) return finding
  const follows = ofCalls.has(finding.kind) ? isBefore(end, finding) : finding.step >= end.step
  return follows
    ? rootOf(
        end,
        run.filter((one) => one !== finding),
      )
    : finding
}

function isWorking(cell: Cell | undefined): boolean {
  return cell?.outcome === 'completed' && cell.steps.every(({ failure }) => failure === null)
}

interface Collected {
  readonly root: JudgedFinding
  findings: number
  readonly cells: Set<Cell>
  breaks: boolean
}

/** Returns the bugs that a variant adds, in order of occurrence. */
export function bugsOf({ cells, baseline }: Comparison, variant: string): Bug[] {
  const bugs = new Map<string, Collected>()
  const unpatched = new Map(
    cells.filter((cell) => cell.variant === baseline).map((cell) => [cell.scenario, cell]),
  )
  for (const cell of cells) {
    if (cell.variant !== variant) continue
    const run = inTime(cell.findings.filter(({ status }) => status === 'introduced'))
    for (const finding of run) {
      const root = rootOf(finding, run)
      const name = functionOf(root)
      const own = `${root.kind} ${name}`
      // Without a call chain, a finding belongs to the first bug of the same kind.
      const key = name === '' ? ([...bugs.keys()].find((one) => one.startsWith(`${root.kind} `)) ?? own) : own
      const known: Collected = bugs.get(key) ?? { root, findings: 0, cells: new Set(), breaks: false }
      bugs.set(key, known)
      known.findings += 1
      known.cells.add(cell)
      if (endsTask(finding) && isWorking(unpatched.get(cell.scenario))) known.breaks = true
    }
  }
  return [...bugs.values()].map(({ root, findings, cells: own, breaks }) => ({
    function: functionOf(root),
    kind: root.kind,
    finding: root,
    findings,
    cells: [...own],
    breaksWhatWorked: breaks,
    onlyIfMemoryIsShort: [...own].every(({ steps }) => steps.some(({ failure }) => failure !== null)),
  }))
}
