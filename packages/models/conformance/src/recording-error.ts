// SPDX-License-Identifier: GPL-2.0-only

/** A recording that cannot be read or replayed. The message says where, what is wrong, and what is accepted. */
export class RecordingError extends Error {
  /** Path of the recording, as given. */
  readonly file: string
  /** Line from 1; 0 for the whole file. */
  readonly line: number

  constructor(file: string, line: number, what: string) {
    super(`${file}${line === 0 ? '' : `:${line}`}: ${what}`)
    this.name = 'RecordingError'
    this.file = file
    this.line = line
  }
}

/** A valid recording with a step that the replay does not support. */
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
