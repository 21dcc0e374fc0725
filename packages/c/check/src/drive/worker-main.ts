// SPDX-License-Identifier: GPL-2.0-only
import { parentPort } from 'node:worker_threads'
import { runTask, type JudgeTask } from '../judge/task.ts'

/** Judges one file for each message. */
parentPort?.on('message', (task: JudgeTask) => {
  parentPort?.postMessage(runTask(task))
})
