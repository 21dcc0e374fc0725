// SPDX-License-Identifier: GPL-2.0-only
import type { JSX } from 'preact'
import { linkTo } from './anchors.ts'

/** What is shown at many places and stands in the page once. */
export type Kind = 'evidence' | 'counts' | 'tree' | 'console'

interface Piece {
  readonly anchor: string
  readonly title: string
  readonly body: JSX.Element
}

/**
 * Pieces of the page by their content: many variants share evidence, pictures and consoles. A piece stands in the appendix;
 * where it belongs stands a link, which the page's script replaces by a copy.
 */
export class Library {
  readonly #pieces: Readonly<Record<Kind, Map<string, Piece>>> = {
    evidence: new Map(),
    counts: new Map(),
    tree: new Map(),
    console: new Map(),
  }

  /**
   * A link to a piece.
   *
   * @param key - what decides the piece's content
   * @param text - what the link says, if it is not the piece's title
   * @param draw - makes the content, if it is the first of its kind
   */
  link(kind: Kind, key: unknown, title: string, draw: () => JSX.Element, text: string = title): JSX.Element {
    const pieces = this.#pieces[kind]
    const content = JSON.stringify(key)
    const known = pieces.get(content) ?? { anchor: `${kind}-${String(pieces.size + 1)}`, title, body: draw() }
    pieces.set(content, known)
    return (
      <a href={linkTo(known.anchor)} data-piece="">
        {text}
      </a>
    )
  }

  /** All pieces of one kind, in the order in which they were first needed. */
  section(kind: Kind, title: string): JSX.Element | null {
    const pieces = [...this.#pieces[kind].values()]
    if (pieces.length === 0) return null
    return (
      <details class="appendix">
        <summary>
          <h3>
            {title} <small>{pieces.length}</small>
          </h3>
        </summary>
        {pieces.map((piece) => (
          <details>
            <summary>{piece.title}</summary>
            {/* An anchor within a closed element opens it; the element's own would not. */}
            <div id={piece.anchor}>{piece.body}</div>
          </details>
        ))}
      </details>
    )
  }
}
