// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
  engines: { node: string }
}

/** Version of the workbench. */
export const version: string = manifest.version

/** The range of supported Node versions. */
export const acceptedNode: string = manifest.engines.node
