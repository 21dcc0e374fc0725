// SPDX-License-Identifier: GPL-2.0-only
import type { Cell, Comparison, JudgedFinding } from '@pfo-workbench/compare'
import type { FindingKind } from '@pfo-workbench/oracle'

/**
 * Introduced findings with the same cause: the first call that went wrong, and in which way. What follows from it in the same run is
 * part of it: the lines that the kernel prints about it, and what a task that died or hung left undone.
 */
export interface Bug {
  /** The function of the first wrong call; empty if no call chain tells. */
  readonly function: string
  readonly kind: FindingKind
  /** The first finding that says it. */
  readonly finding: JudgedFinding
  /** How many findings it takes. */
  readonly findings: number
  /** The cells that have it, in the order of the scenarios. */
  readonly cells: readonly Cell[]
  /** Whether a task dies or hangs of it in a scenario that goes to its end on the unpatched kernel, with nothing made to fail. */
  readonly breaksWhatWorked: boolean
}

const endsTask = ({ kind }: JudgedFinding): boolean => kind === 'task-killed' || kind === 'waits-forever'

/** Kinds of findings that are about one call. The others are about the state that a run leaves, or about lines of the console. */
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

/** Where in its run a finding arose. */
function momentOf({ step, evidence }: JudgedFinding): [step: number, seq: number] {
  return [step, Math.min(...evidence.map(({ seq }) => seq ?? Number.POSITIVE_INFINITY))]
}

function isBefore(a: JudgedFinding, b: JudgedFinding): boolean {
  const [[stepA, seqA], [stepB, seqB]] = [momentOf(a), momentOf(b)]
  return stepA < stepB || (stepA === stepB && seqA < seqB)
}

/** The findings in the order in which they arose. */
const inTime = (findings: readonly JudgedFinding[]): JudgedFinding[] =>
  findings.toSorted((a, b) => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0))

/** The finding that another one of the same run follows from; itself if from none. */
function rootOf(finding: JudgedFinding, run: readonly JudgedFinding[]): JudgedFinding {
  const calls = run.filter((one) => one !== finding && ofCalls.has(one.kind))
  const sameCall = calls.find((one) => functionOf(one) === functionOf(finding) && functionOf(one) !== '')
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

/** The bugs that a variant adds, the first met first. */
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
      // Where no call chain tells, it is the same bug as one of the same kind.
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
  }))
}
