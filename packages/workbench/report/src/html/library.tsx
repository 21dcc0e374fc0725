// SPDX-License-Identifier: GPL-2.0-only
import type { JSX } from 'preact'
import { linkTo } from './anchors.ts'

/** The kinds of pieces, and their headings in the appendix, in its order. */
const headings = {
  findings: 'Lists of findings',
  evidence: 'Evidence',
  steps: 'Steps',
  counts: 'Reference counts of a run',
  count: 'Reference counts of a node',
  tree: 'Device trees',
  console: 'Consoles',
} as const

/** What is shown at many places and stands in the page once. */
export type Kind = keyof typeof headings

const kinds = Object.keys(headings) as Kind[]

/** Pieces that do not say what they are: where one takes the place of its link, what the link said stands above it. */
const captioned: ReadonlySet<Kind> = new Set(['steps', 'tree', 'console'])

interface Piece {
  readonly anchor: string
  readonly title: string
  readonly body: JSX.Element
}

/**
 * Pieces of the page by their content: most cells share most of what they show with others. A piece stands in the appendix;
 * where it belongs stands a link, which the page's script replaces by a copy. A piece may have links to others.
 *
 * Links are made while the page is put together, by functions: components are not run before it is rendered, when the appendix
 * has to be complete.
 */
export class Library {
  readonly #pieces: ReadonlyMap<Kind, Map<string, Piece>> = new Map(kinds.map((kind) => [kind, new Map()]))

  /**
   * A link to a piece.
   *
   * @param key - what decides the piece's content
   * @param title - what the piece is called in the appendix, if it is the first of its content
   * @param text - what the link says
   * @param draw - makes the content, if it is the first
   */
  link(kind: Kind, key: unknown, title: string, text: string, draw: () => JSX.Element): JSX.Element {
    const pieces = this.#pieces.get(kind) ?? new Map<string, Piece>()
    const content = JSON.stringify(key)
    const known = pieces.get(content) ?? { anchor: `${kind}-${String(pieces.size + 1)}`, title, body: draw() }
    pieces.set(content, known)
    return (
      <a href={linkTo(known.anchor)} data-piece={captioned.has(kind) ? 'captioned' : ''}>
        {text}
      </a>
    )
  }

  /** All pieces, by kind, in the order in which they were first needed. */
  appendix(): JSX.Element[] {
    return kinds.flatMap((kind) => {
      const pieces = [...(this.#pieces.get(kind)?.values() ?? [])]
      return pieces.length === 0 ? [] : [section(headings[kind], pieces)]
    })
  }
}

function section(heading: string, pieces: readonly Piece[]): JSX.Element {
  return (
    <details class="appendix">
      <summary>
        <h3>
          {heading} <small>{pieces.length}</small>
        </h3>
      </summary>
      {pieces.map(({ anchor, title, body }) => (
        <details>
          <summary>{title}</summary>
          {/* An anchor within a closed element opens it; the element's own would not. */}
          <div id={anchor}>{body}</div>
        </details>
      ))}
    </details>
  )
}
