// SPDX-License-Identifier: GPL-2.0-only
export { evidenceSchema, type Evidence, type EvidenceKind, type EvidenceOf } from './evidence.ts'
export { examine, oracles } from './examine.ts'
export { findingKey } from './finding-key.ts'
export { findingSchema, type Finding, type FindingKind, type FindingOf, type Oracle } from './finding.ts'
export { isExcusedLine } from './oracles/console.ts'
export { nodeSubject, subjectsOf } from './object-names.ts'
export type { HandOver, Ledger } from './ledger/ledger.ts'
export { ledgersOf } from './ledger/reference-ledger.ts'
