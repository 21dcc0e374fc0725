// SPDX-License-Identifier: GPL-2.0-only
export { callChain, locate, type Frame } from './frames.ts'
export type * from './image.ts'
export { shadowGlobalRedzone } from './link/data-image.ts'
export { link, LinkError } from './link/link.ts'
export { isAt } from './link/requested-function.ts'
export { imageFromJson, imageToJson } from './serialise.ts'
export type { HostRequest, LinkOptions, WatchRequest } from './link-options.ts'
