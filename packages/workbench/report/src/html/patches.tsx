// SPDX-License-Identifier: GPL-2.0-only
import type { PatchDiff } from '@pfo-workbench/compare'
import { diffWordsWithSpace } from 'diff'
import { parse } from 'diff2html'
import type { JSX } from 'preact'
import { patchAnchor } from './anchors.ts'
import type { FragmentStore } from './fragment-store.tsx'

type DiffFile = ReturnType<typeof parse>[number]
type DiffLine = DiffFile['blocks'][number]['lines'][number]

/** The type of a diff line as a string: diff2html does not export its enumeration. */
function kindOf({ type }: { readonly type: string }): string {
  return type
}

/** A row of a side-by-side diff. A line without a counterpart has an empty side. */
interface SideBySide {
  readonly old?: DiffLine
  readonly new?: DiffLine
}

/** Pairs removed lines with the added lines that replace them. */
function sides(lines: readonly DiffLine[]): SideBySide[] {
  const rows: SideBySide[] = []
  let [removed, added]: [DiffLine[], DiffLine[]] = [[], []]
  const flush = (): void => {
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1) {
      const [before, after] = [removed[index], added[index]]
      rows.push({ ...(before && { old: before }), ...(after && { new: after }) })
    }
    ;[removed, added] = [[], []]
  }
  for (const line of lines) {
    if (kindOf(line) === 'delete') removed.push(line)
    else if (kindOf(line) === 'insert') added.push(line)
    else {
      flush()
      rows.push({ old: line, new: line })
    }
  }
  flush()
  return rows
}

/** Longer pairs of lines are not compared word by word. */
const comparable = 400

/** The text of a line without its sign. Words that differ from the counterpart are marked. */
function Words({
  line,
  other,
}: {
  readonly line: DiffLine
  readonly other: DiffLine | undefined
}): JSX.Element {
  const text = line.content.slice(1)
  if (other === undefined || line === other || text.length + other.content.length > comparable)
    return <>{text}</>
  const isOld = kindOf(line) === 'delete'
  const changes = isOld
    ? diffWordsWithSpace(text, other.content.slice(1))
    : diffWordsWithSpace(other.content.slice(1), text)
  const own = changes.filter(({ added, removed }) => (isOld ? !added : !removed))
  return <>{own.map(({ value, added, removed }) => (added || removed ? <mark>{value}</mark> : value))}</>
}

function Side({
  line,
  other,
}: {
  readonly line: DiffLine | undefined
  readonly other: DiffLine | undefined
}): JSX.Element {
  if (line === undefined) return <td class="none" colSpan={2} />
  const kind = kindOf(line)
  const sign = kind === 'insert' ? '+' : kind === 'delete' ? '−' : ' '
  const number = kind === 'delete' || other === line ? line.oldNumber : line.newNumber
  return (
    <>
      <td class="number">{number}</td>
      <td class={kind}>
        <code>
          {sign}
          <Words line={line} other={other} />
        </code>
      </td>
    </>
  )
}

function Row({ row }: { readonly row: SideBySide }): JSX.Element {
  const isContext = row.old === row.new
  return (
    <tr class={isContext ? 'context' : ''}>
      <Side line={row.old} other={isContext ? row.old : row.new} />
      {isContext && row.new !== undefined ? (
        <>
          <td class="number">{row.new.newNumber}</td>
          <td class="context">
            <code> {row.new.content.slice(1)}</code>
          </td>
        </>
      ) : (
        <Side line={row.new} other={row.old} />
      )}
    </tr>
  )
}

function File({ file }: { readonly file: DiffFile }): JSX.Element {
  const name = file.newName === '/dev/null' ? file.oldName : file.newName
  return (
    <div class="scroll" role="region" aria-label={name} tabIndex={0}>
      <table class="diff">
        <caption>
          {name} <small>{`+${String(file.addedLines)} −${String(file.deletedLines)}`}</small>
        </caption>
        <colgroup>
          <col class="number" />
          <col />
          <col class="number" />
          <col />
        </colgroup>
        {file.blocks.map((block) => (
          <tbody>
            <tr class="hunk">
              <td colSpan={4}>
                <code>{block.header}</code>
              </td>
            </tr>
            {sides(block.lines).map((row) => (
              <Row row={row} />
            ))}
          </tbody>
        ))}
      </table>
    </div>
  )
}

/** Shows the commit messages of a patch, and its diffs side by side. */
function Mails({ diffs }: { readonly diffs: readonly PatchDiff[] }): JSX.Element {
  return (
    <>
      {diffs.map(({ subject, body, text }) => (
        <>
          {diffs.length > 1 && <h3>{subject}</h3>}
          {body !== '' && <pre class="message">{body}</pre>}
          {parse(text).map((file) => (
            <File file={file} />
          ))}
        </>
      ))}
    </>
  )
}

/** A collapsed entry: the name of a patch, and a link to its diff. */
export function patchEntry(id: string, diffs: readonly PatchDiff[], library: FragmentStore): JSX.Element {
  const [first, ...others] = diffs
  return (
    <details>
      <summary>
        <b>{id}</b> {others.length === 0 ? first?.subject : `series of ${String(diffs.length)}`}
      </summary>
      {/* The anchor is inside the details element, because only an anchor inside opens it. */}
      <div id={patchAnchor(id)}>
        {library.link('patch', id, 'Diff', () => (
          <Mails diffs={diffs} />
        ))}
      </div>
    </details>
  )
}
