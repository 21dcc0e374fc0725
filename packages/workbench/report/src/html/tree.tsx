// SPDX-License-Identifier: GPL-2.0-only
import type { Story, TreeNode } from '@pfo-workbench/compare'
import type { JSX } from 'preact'

/** Describes a node in one line, with everything that a run can change. */
export function stateOf(node: TreeNode | undefined): string {
  if (node === undefined) return ''
  const { life, inTree, flags, refcount, device, driver } = node
  const bound =
    device === null ? [] : [driver === null ? `device ${device}` : `device ${device}, driver ${driver}`]
  const alive =
    life === 'allocated' ? [`${String(refcount)} ${refcount === 1 ? 'reference' : 'references'}`] : [life]
  return [inTree ? 'in the tree' : 'not in the tree', ...alive, ...flags, ...bound].join(', ')
}

interface Pair {
  readonly node: string
  readonly path: string
  readonly before: TreeNode | undefined
  readonly after: TreeNode | undefined
}

/** Nodes of both moments, sorted by path. At one path, older nodes come first. */
function pairs({ before, after }: Story['trees']): Pair[] {
  const byNode = new Map<string, Pair>()
  for (const one of before)
    byNode.set(one.node, { node: one.node, path: one.path, before: one, after: undefined })
  for (const one of after) {
    byNode.set(one.node, { node: one.node, path: one.path, before: byNode.get(one.node)?.before, after: one })
  }
  return [...byNode.values()].toSorted((a, b) => compare(a.path, b.path) || byGeneration(a.node, b.node))
}

/** Compares names such as `/a[2]` and `/a[10]` by the number in them. */
const byGeneration = new Intl.Collator('en', { numeric: true }).compare

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function changeOf({ before, after }: Pair): 'added' | 'removed' | 'changed' | 'same' {
  if (before?.inTree !== true && after?.inTree === true) return 'added'
  if (before?.inTree === true && after?.inTree !== true) return 'removed'
  return stateOf(before) === stateOf(after) ? 'same' : 'changed'
}

const signs = { added: '+', removed: '−', changed: '~', same: ' ' } as const

/** Depth of a node in the tree, limited to the levels that the style sheet indents. */
function depthOf({ path }: Pair): number {
  return Math.min(6, path.split('/').filter((part) => part !== '').length)
}

function Row({ pair }: { readonly pair: Pair }): JSX.Element {
  const change = changeOf(pair)
  return (
    <tr class={change}>
      <td>{signs[change]}</td>
      <th scope="row" class={`depth${String(depthOf(pair))}`}>
        {pair.node}
      </th>
      <td>{stateOf(pair.before)}</td>
      <td>{stateOf(pair.after)}</td>
    </tr>
  )
}

/** Shows the nodes that changed between boot and the end of the run, side by side, and counts the others. */
export function Trees({ trees }: { readonly trees: Story['trees'] }): JSX.Element {
  const all = pairs(trees)
  const changed = all.filter((pair) => changeOf(pair) !== 'same')
  const same = all.length - changed.length
  return (
    <div class="scroll">
      <table class="tree">
        <thead>
          <tr>
            <td />
            <th scope="col">node</th>
            <th scope="col">after the boot</th>
            <th scope="col">at the end</th>
          </tr>
        </thead>
        <tbody>
          {changed.map((pair) => (
            <Row pair={pair} />
          ))}
        </tbody>
      </table>
      <p>{same === 1 ? '1 other node is unchanged.' : `${String(same)} other nodes are unchanged.`}</p>
    </div>
  )
}
