// SPDX-License-Identifier: GPL-2.0-only
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sandboxLayers } from '../src/index.ts'
import { launch } from '../src/sandbox/launch.ts'

const little = { memoryMegabytes: 64, cpuSeconds: 60 }

describe('the process itself', () => {
  it('has no permissions, even outside its realm', async () => {
    const attempts = `
      const attempt = (what, action) => { try { action(); return what } catch (fault) { return fault.code ?? fault.name } }
      const fs = require('node:fs')
      console.log(JSON.stringify([
        attempt('read', () => fs.readFileSync('/etc/passwd')),
        attempt('write', () => fs.writeFileSync('/tmp/pfo-hostile', 'x')),
        attempt('spawn', () => require('node:child_process').execFileSync('/bin/true')),
        attempt('worker', () => new (require('node:worker_threads').Worker)('0', { eval: true })),
        attempt('eval', () => Function('return 1')()),
        attempt('addon', () => process.dlopen({ exports: {} }, '/nowhere.node')),
        Object.keys(process.env).length,
      ]))
    `
    const child = await launch(attempts, little)
    let text = ''
    for await (const chunk of child.stdout) text += String(chunk)
    const denied = 'ERR_ACCESS_DENIED'
    expect(JSON.parse(text)).toEqual([denied, denied, denied, denied, 'EvalError', 'ERR_DLOPEN_DISABLED', 0])
  })

  it('is not root even if the workbench is, if the machine supports that', async () => {
    const bound = (await sandboxLayers()).some(
      (layer) => layer.name === 'bound to its parent' && layer.active,
    )
    const child = await launch('console.log(process.getuid(), process.getgroups().length)', little)
    let text = ''
    for await (const chunk of child.stdout) text += String(chunk)
    if (bound && process.getuid?.() === 0) expect(text).toBe('65534 1\n')
    else expect(text).toContain(String(process.getuid?.()))
  })

  it('has no network, if the machine supports that', async () => {
    const isolated = (await sandboxLayers()).some(
      (layer) => layer.name === 'network namespace' && layer.active,
    )
    const server = createServer((socket) => socket.end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const child = await launch(
      `require('node:net').connect(${String(port)}, '127.0.0.1').on('connect', () => { console.log('connected'); process.exit() }).on('error', (e) => console.log(e.code))`,
      little,
    )
    let text = ''
    for await (const chunk of child.stdout) text += String(chunk)
    server.close()
    expect(text.trim()).toMatch(isolated ? /^E/ : /^connected$/)
  })
})

describe('the environment of this process', () => {
  beforeAll(() => {
    process.env['PFO_SECRET'] = 'secret'
  })
  afterAll(() => {
    delete process.env['PFO_SECRET']
  })

  it('is not passed on', async () => {
    const child = await launch('console.log(JSON.stringify(process.env))', little)
    let text = ''
    for await (const chunk of child.stdout) text += String(chunk)
    expect(JSON.parse(text)).toEqual({})
  })
})
