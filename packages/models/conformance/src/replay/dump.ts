// SPDX-License-Identifier: GPL-2.0-only
import type { ReplayedFiles } from '../facts.ts'
import type { RecordedKernel } from './recorded-kernel.ts'
import { type Shell, StepHung, StepKilled } from './shell.ts'

const treeFolder = '/sys/firmware/devicetree/base'
const devicesFolder = '/sys/devices/vio'
const driversFolder = '/sys/bus/vio/drivers'

/** Content of the dump's files up to its end, and how it ended. */
export interface FileDump {
  readonly files: ReplayedFiles
  readonly ended: 'completed' | 'killed' | 'hung'
}

/** An empty result. */
export function noFiles(): {
  device_tree: string[]
  sysfs: Record<string, Record<string, string>>
  drivers: Record<string, string[]>
  misc: Record<string, string>
} {
  return { device_tree: [], sysfs: {}, drivers: {}, misc: {} }
}

/**
 * Reads the files of a dump in the order of the recorded shell. The reads are real: they can take references, Oops and
 * hang.
 */
export function dumpFiles(kernel: RecordedKernel, shell: Shell): FileDump {
  const files = noFiles()
  try {
    for (const name of shell.glob(treeFolder)) if (name.includes('platform-facilities')) listTree(`/${name}`)
    for (const name of shell.glob(devicesFolder)) if (name.startsWith('ibm,')) readDevice(name)
    for (const name of shell.glob(driversFolder)) {
      files.drivers[name] = shell.glob(`${driversFolder}/${name}`).filter((entry) => entry.startsWith('ibm'))
    }
    files.misc = servicesOf(kernel)
  } catch (error) {
    if (error instanceof StepHung) return { files, ended: 'hung' }
    if (error instanceof StepKilled) return { files, ended: 'killed' }
    throw error
  }
  return { files, ended: 'completed' }

  function listTree(path: string): void {
    files.device_tree.push(path)
    for (const name of shell.glob(treeFolder + path)) {
      if (shell.isDirectory(`${treeFolder}${path}/${name}`)) listTree(`${path}/${name}`)
    }
  }

  function readDevice(name: string): void {
    const path = `${devicesFolder}/${name}`
    const row: Record<string, string> = {}
    files.sysfs[name] = row
    row['of_node'] = shell.link(`${path}/of_node`)
    row['of_node_link'] = shell.isDirectory(`${path}/of_node`) ? 'resolves' : 'dangling'
    row['driver'] = shell.link(`${path}/driver`)
    for (const file of ['name', 'modalias', 'devspec'])
      row[file] = contentOf(shell.cat(`${path}/${file}`), '')
    row['uevent'] = contentOf(shell.cat(`${path}/uevent`), ' ')
  }
}

/**
 * Converts content like the shell: removes trailing newlines, or replaces each newline with a space. Empty if the read
 * failed.
 */
function contentOf(content: string | number, newline: '' | ' '): string {
  if (typeof content === 'number') return ''
  return newline === '' ? content.replace(/\n+$/, '') : content.replaceAll('\n', newline)
}

function servicesOf(kernel: RecordedKernel): Record<string, string> {
  const algorithms = kernel.algorithms()
  const compression = algorithms.filter((name) => name === '842-nx').length
  const ciphers = algorithms.filter((name) => name.endsWith('-nx')).length
  return { hwrng: kernel.hwrng() ?? 'none', crypto842: `${compression} nxaes ${ciphers}` }
}
