// SPDX-License-Identifier: GPL-2.0-only
import { scenarioFileSchema } from '@pfo-workbench/run'
import { z } from 'zod'

/** JSON schema of scenario files for editors. Uses draft 7, which editors support. */
export function scenarioJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(scenarioFileSchema, { io: 'input', target: 'draft-7' }),
    title: 'Scenario of the PFO Workbench',
  }
}
