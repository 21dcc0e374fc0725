// SPDX-License-Identifier: GPL-2.0-only

/**
 * Compares recordings of a real kernel with their replays on the models. The replay itself is in
 * `@pfo-workbench/conformance/replay-engine`, so that it can be bundled with patched models.
 *
 * @packageDocumentation
 */
export { allAgree, differenceLines, formatAgreement } from './agreement.ts'
export { compareFacts, type ReplayComparison } from './compare.ts'
export { compareReplayInC } from './compare/replay-in-c.ts'
export type { FactDifference, FactKind } from './compare/tally.ts'
export { fixturesFolder, fixturesOf, readRecordings, type RecordingFolder } from './fixtures.ts'
export type { ReplayedRun, ReplayedStep } from './facts.ts'
export { jobOf, type ReplayJob } from './job.ts'
export { formatMarkdown } from './markdown.ts'
export type { NotComparedId } from './not-compared.ts'
export { RecordingError } from './recording-error.ts'
export type { NotReplayed, Recording, RecordedStep } from './recording.ts'
