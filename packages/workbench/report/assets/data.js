// SPDX-License-Identifier: GPL-2.0-only
// @ts-check
'use strict'
/** Shared by the page's scripts. */
const pfo = (() => {
  /**
   * The packed data of the page: the details of each cell by anchor, the pieces that cells share, and the runs.
   *
   * @typedef {{ node: string, path: string, life: string, inTree: boolean, flags: string[], refcount: number }} NodeState
   * @typedef {{ phandleCache: { slot: number, node: string, freed: boolean }[],
   *   vio: { device: string, driver: string | null, node: string | null }[], holders: Record<string, string> }} Kept
   * @typedef {Kept & { nodes: NodeState[] }} Moment
   * @typedef {{ states: NodeState[], moments: (Kept & { nodes: number[] })[], runs: Record<string, number[]>,
   *   steps: Record<string, { title: string, migrates: boolean }[]> }} Runs
   * @typedef {{ cells: Record<string, string>, pieces: Record<string, string>, runs: Runs | null }} Data
   */

  /** @returns {Promise<Data>} */
  const unpack = async () => {
    const packed = atob(document.getElementById('data')?.textContent ?? '')
    // A loop: Uint8Array.from with a callback takes ten times as long.
    const bytes = new Uint8Array(packed.length)
    for (let at = 0; at < packed.length; at += 1) bytes[at] = packed.charCodeAt(at)
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
    return JSON.parse(await new Response(stream).text())
  }
  /** @type {Promise<Data> | undefined} */
  let unpacked
  const data = () => (unpacked ??= unpack())

  /** The machine after each step of a run, including boot. @returns {Moment[]} */
  const runOf = (/** @type {Runs} */ { states, moments, runs }, /** @type {string} */ anchor) => {
    /** @type {Map<string, NodeState>} */
    const now = new Map()
    return (runs[anchor] ?? []).flatMap((place) => {
      const moment = moments[place]
      if (moment === undefined) return []
      for (const at of moment.nodes) {
        const state = states[at]
        if (state !== undefined) now.set(state.node, state)
      }
      return [{ ...moment, nodes: [...now.values()] }]
    })
  }

  const svgNames = 'http://www.w3.org/2000/svg'
  const add = (
    /** @type {Element} */ element,
    /** @type {Record<string, string | number>} */ attributes,
    /** @type {(Node | string)[]} */ content,
  ) => {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
    element.append(...content)
    return element
  }
  /** Creates an HTML element. */
  const html = (
    /** @type {string} */ tag,
    /** @type {Record<string, string | number>} */ attributes = {},
    /** @type {(Node | string)[]} */ ...content
  ) => add(document.createElement(tag), attributes, content)
  /** Creates an SVG element. */
  const svg = (
    /** @type {string} */ tag,
    /** @type {Record<string, string | number>} */ attributes = {},
    /** @type {(Node | string)[]} */ ...content
  ) => add(document.createElementNS(svgNames, tag), attributes, content)

  /** State of a node from the point of view of a pointer to it. Also used as a CSS class. */
  const standing = (/** @type {NodeState | undefined} */ node) => {
    if (node === undefined) return 'unknown'
    if (node.life === 'freed') return 'freed'
    if (node.life === 'released') return 'released'
    return node.inTree ? 'attached' : 'detached'
  }
  return { data, runOf, html, svg, standing }
})()
