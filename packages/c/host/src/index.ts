// SPDX-License-Identifier: GPL-2.0-only
export { createTopDirectory } from './boot.ts'
export {
  constantOf,
  constantsSource,
  constantFunctions,
  findConstant,
  accessedStructs,
  type KernelConstant,
} from './constants.ts'
export { settle } from './deferred-work.ts'
export { hostFunctions } from './host-functions.ts'
export { addModule, markGoing, putModule, releaseModule, removeModule } from './module.ts'
export { flushConsole } from './printk.ts'
export { createProcessor, possibleProcessors } from './processor.ts'
export { findProcFile, type ProcEntry } from './proc.ts'
export type { Firmware } from './rtas.ts'
export { registeredAlgorithms, registeredGenerators } from './services.ts'
export { createSystemWorkqueues } from './workqueue.ts'
export { hasFlag, recordAttach } from './watch/nodes.ts'
export { kernfsPath, nodePath, viewAt } from './watch/paths.ts'
export { childrenOf, findChild } from './watch/sysfs.ts'
export { watches } from './watch/watches.ts'
