// SPDX-License-Identifier: GPL-2.0-only
import type { JSX } from 'preact'
import { render } from 'preact-render-to-string'
import { linkTo } from './anchors.ts'

/** What is shown at many places and stands in the page's data once. */
export type Kind =
  'findings' | 'evidence' | 'life' | 'hunk' | 'steps' | 'count' | 'tree' | 'console' | 'patch' | 'statements'

/** Pieces that do not say what they are: where one takes the place of its link, what the link said stands above it. */
const captioned: ReadonlySet<Kind> = new Set<Kind>(['steps', 'tree', 'console'])

/**
 * Pieces of the page by their content: most cells share most of what they show with others. A piece is rendered once; where it
 * belongs stands a link, which the page's script replaces by the piece. A piece may have links to others.
 *
 * Links are made by functions while the page is put together: components are not run before it is rendered, when the library has to
 * be complete.
 */
export class Library {
  readonly #anchors = new Map<string, string>()
  readonly #pieces = new Map<string, string>()
  readonly #sizes = new Map<Kind, number>()

  /**
   * A link to a piece.
   *
   * @param key - what decides the piece's content
   * @param text - what the link says
   * @param draw - makes the content, if it is the first of its key
   */
  link(kind: Kind, key: unknown, text: string, draw: () => JSX.Element): JSX.Element {
    return (
      <a href={linkTo(this.#anchorOf(kind, key, draw))} data-piece={captioned.has(kind) ? 'captioned' : ''}>
        {text}
      </a>
    )
  }

  #anchorOf(kind: Kind, key: unknown, draw: () => JSX.Element): string {
    const content = `${kind} ${JSON.stringify(key)}`
    const known = this.#anchors.get(content)
    if (known !== undefined) return known
    const number = (this.#sizes.get(kind) ?? 0) + 1
    const anchor = `${kind}-${String(number)}`
    this.#sizes.set(kind, number)
    this.#anchors.set(content, anchor)
    this.#pieces.set(anchor, render(draw()))
    return anchor
  }

  /** The HTML of all pieces, by the anchors that links name. */
  pieces(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#pieces)
  }
}
