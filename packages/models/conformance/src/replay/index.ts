// SPDX-License-Identifier: GPL-2.0-only

/**
 * Replays recordings on a kernel that the caller boots and runs.
 *
 * @packageDocumentation
 */
export { recordedPartition, type RecordedPartition } from './partition.ts'
export type * from './recorded-kernel.ts'
export { StepReplayer } from './steps.ts'
