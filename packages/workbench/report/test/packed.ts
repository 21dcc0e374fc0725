// SPDX-License-Identifier: GPL-2.0-only
import { inflateRawSync } from 'node:zlib'

/** The packed data of a page. */
interface Packed {
  readonly cells: Readonly<Record<string, string>>
  readonly pieces: Readonly<Record<string, string>>
}

function packedOf(page: string): Packed {
  const [, data] = /<script type="application\/octet-stream" id="data">([^<]*)<\/script>/.exec(page) ?? []
  if (data === undefined) throw new Error('the page has no data')
  return JSON.parse(inflateRawSync(Buffer.from(data, 'base64')).toString('utf8')) as Packed
}

/** The HTML of the details of each cell, by the cell's anchor. */
export function storiesOf(page: string): Packed['cells'] {
  return packedOf(page).cells
}

/** The HTML of the pieces that cells share, by anchor. */
export function piecesOf(page: string): Packed['pieces'] {
  return packedOf(page).pieces
}

/** All HTML of a page, including the packed parts, without style sheet and scripts. */
export function wholeOf(page: string): string {
  const { cells, pieces } = packedOf(page)
  const plain = page.replace(/<(style|script)\b[^>]*>[^]*?<\/\1>/g, '')
  return [plain, ...Object.values(cells), ...Object.values(pieces)].join('\n')
}
