// SPDX-License-Identifier: GPL-2.0-only
import { parentPort } from 'node:worker_threads'
import { runTask, type JudgeTask } from '../judge/task.ts'
import { runVerifyTask, type VerifyTask } from '../verify/task.ts'

/** Judges or verifies one file per message. */
parentPort?.on('message', (task: JudgeTask | VerifyTask) => {
  parentPort?.postMessage('verify' in task ? runVerifyTask(task) : runTask(task))
})
