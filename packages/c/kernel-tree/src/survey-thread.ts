// SPDX-License-Identifier: GPL-2.0-only
import { parentPort, workerData } from 'node:worker_threads'
import { survey } from './survey.ts'

// The thread of `openFolder`: answers with the survey of one folder.
parentPort?.postMessage(survey(workerData as string))
