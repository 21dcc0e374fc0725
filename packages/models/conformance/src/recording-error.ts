// SPDX-License-Identifier: GPL-2.0-only

/** A recording that cannot be read or replayed: where, what, and what would be accepted. */
export class RecordingError extends Error {
  /** Path of the recording as it was given. */
  readonly file: string
  /** From 1; 0 when the whole file is meant. */
  readonly line: number

  constructor(file: string, line: number, what: string) {
    super(`${file}${line === 0 ? '' : `:${line}`}: ${what}`)
    this.name = 'RecordingError'
    this.file = file
    this.line = line
  }
}

/** A recording that is one, but has a step that the replay does not know. */
export class UnknownActionError extends RecordingError {
  readonly variant: string
  readonly scenario: string

  constructor(
    file: string,
    line: number,
    what: string,
    { variant, scenario }: { readonly variant: string; readonly scenario: string },
  ) {
    super(file, line, what)
    this.name = 'UnknownActionError'
    this.variant = variant
    this.scenario = scenario
  }
}
