// SPDX-License-Identifier: GPL-2.0-only
import type { JSX } from 'preact'
import type { Summary } from './summary.ts'

interface StepsProps extends Pick<Summary, 'groups'> {
  readonly scenarios: readonly string[]
  readonly baseline: string
}

function Choice({
  name,
  label,
  groups,
  chosen,
}: Pick<Summary, 'groups'> & {
  readonly name: string
  readonly label: string
  readonly chosen: string
}): JSX.Element {
  return (
    <label>
      {label}{' '}
      <select name={name}>
        {groups.map(({ title, rows }) => (
          <optgroup label={title}>
            {rows.map((row) => (
              <option value={row.grid.variant.id} selected={row.grid.variant.id === chosen}>
                {row.name}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </label>
  )
}

/**
 * Compares two variants in a scenario step by step, and shows where the phandle cache points after each migration.
 * Scripts fill in the section; without scripts it is hidden.
 */
export function Steps({ groups, scenarios, baseline }: StepsProps): JSX.Element {
  const patched = groups.flatMap(({ rows }) => rows.map(({ grid }) => grid.variant.id))
  const [first = baseline] = patched
  return (
    <section id="machine" hidden>
      <h2 id="steps">Steps</h2>
      <form id="steps-form">
        <label>
          Scenario{' '}
          <select name="scenario">
            {scenarios.map((id) => (
              <option>{id}</option>
            ))}
          </select>
        </label>
        <Choice name="left" label="Left" groups={groups} chosen={baseline} />
        <Choice name="right" label="Right" groups={groups} chosen={first} />
        <button type="button" data-step="-1">
          ← Step
        </button>
        <button type="button" data-step="1">
          Step →
        </button>
        <button type="button" data-step="difference">
          First difference
        </button>
      </form>
      <p id="steps-title" aria-live="polite" />
      <div id="steps-view" class="scroll" role="region" aria-label="Two variants after a step" tabIndex={0} />
      <h2 id="picture">What the phandle cache points to</h2>
      <p>
        After the boot and each migration of the scenario above. [n] counts the nodes of a path: [0] came with
        the boot.
      </p>
      <details>
        <summary>More variants than the two above</summary>
        <fieldset id="picture-variants">
          <legend>Shown</legend>
          {groups.flatMap(({ rows }) =>
            rows.map(({ name, grid }) => (
              <label>
                <input type="checkbox" value={grid.variant.id} /> {name}
              </label>
            )),
          )}
        </fieldset>
      </details>
      <div id="picture-view" class="scroll" role="region" aria-label="Phandle cache" tabIndex={0} />
    </section>
  )
}
