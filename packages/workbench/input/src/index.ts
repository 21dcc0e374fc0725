// SPDX-License-Identifier: GPL-2.0-only
export { readBeginning } from './read-beginning.ts'
export { suggestion } from './suggest.ts'
export { parseYaml } from './yaml.ts'
