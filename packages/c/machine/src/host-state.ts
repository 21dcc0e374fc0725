// SPDX-License-Identifier: GPL-2.0-only

/** The state that host functions keep outside of C memory. Plain data, so that it can be copied. */
export type PlainData =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | readonly PlainData[]
  | Map<string | number | bigint, unknown>
  | Set<string | number | bigint>
  | object

/** The state of host functions, by subsystem. Saved and restored with the machine. */
export class HostStates {
  #states = new Map<symbol, PlainData>()

  /** The state of a subsystem, created on first use. */
  get<State extends PlainData>(key: symbol, create: () => State): State {
    let state = this.#states.get(key)
    if (state === undefined) {
      state = create()
      this.#states.set(key, state)
    }
    return state as State
  }

  /** The states themselves, not copies. */
  all(): Iterable<PlainData> {
    return this.#states.values()
  }

  save(): ReadonlyMap<symbol, PlainData> {
    return new Map([...this.#states].map(([key, state]) => [key, copyOf(state)]))
  }

  restore(saved: ReadonlyMap<symbol, PlainData>): void {
    this.#states = new Map([...saved].map(([key, state]) => [key, copyOf(state)]))
  }
}

function copyOf<Value extends PlainData>(value: Value): Value {
  return copy(value) as Value
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copy)
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [key, copy(one)]))
  if (value instanceof Set) return new Set(value)
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, copy(one)]))
}
