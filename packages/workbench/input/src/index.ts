// SPDX-License-Identifier: GPL-2.0-only
export { readRegularFile } from './read-file.ts'
export { suggestion } from './suggest.ts'
export { parseYaml } from './yaml.ts'
