// SPDX-License-Identifier: GPL-2.0-only
import {
  currentMachine,
  cstr,
  EAGAIN,
  EEXIST,
  EFAULT,
  EINVAL,
  EIO,
  emitEvent,
  ENODEV,
  ENOENT,
  ENOSYS,
  ERANGE,
  fileScope,
  LOGLEVEL_ERR,
  might_sleep,
  Memory,
  memcpy,
  printk,
  spin_lock,
  spin_unlock,
  spinlock,
  text,
  type device_node,
  type RtasArgument,
} from '@pfo-workbench/kernel'
import { of_find_node_by_name, of_find_property, of_read_number } from '@pfo-workbench/of'
import { sleepWhile, spinWhile } from './firmware-loop.ts'
import { H_VASI_STATE, plpar_hcall } from './hcall.ts'
import { start_topology_update, stop_topology_update } from './topology.ts'

/**
 * Size of `rtas_data_buf` and of the private buffers of its users, in bytes (arch/powerpc/include/asm/rtas.h, v4.18).
 */
export const RTAS_DATA_BUF_SIZE = 4096
/** The token of a service that firmware does not offer (arch/powerpc/include/asm/rtas.h, v4.18). */
export const RTAS_UNKNOWN_SERVICE = -1
const RTAS_BUSY = -2
const RTAS_EXTENDED_DELAY_MIN = 9900
const RTAS_EXTENDED_DELAY_MAX = 9905
/** Results of `H_VASI_STATE` (arch/powerpc/include/asm/hvcall.h, v4.18): the migration is prepared, or may start. */
const H_VASI_ENABLED = 1
const H_VASI_SUSPENDING = 3
/** `ibm,suspend-me`: other processors are still running; call again immediately. */
const H_MULTI_THREADS_ACTIVE = -9005

const rtas = fileScope(() => ({
  dev: null as device_node | null,
  rtas_data_buf: new cstr(new Memory(new Uint8Array(RTAS_DATA_BUF_SIZE), false), 0),
  rtas_data_buf_lock: new spinlock('rtas_data_buf_lock'),
}))

/**
 * Models `rtas_initialize` (arch/powerpc/kernel/rtas.c, v4.18): takes a reference on `/rtas` and keeps it. The location
 * of the RTAS code is not modelled.
 */
export function rtas_initialize(): void {
  rtas().dev = of_find_node_by_name(null, 'rtas')
}

/**
 * Models `rtas_token` (arch/powerpc/kernel/rtas.c, v4.18): the service's number, or `RTAS_UNKNOWN_SERVICE`. Without
 * `/rtas`, every service is unknown.
 */
export function rtas_token(service: string): number {
  const tokenp = of_find_property(rtas().dev, service)
  return tokenp?.value == null ? RTAS_UNKNOWN_SERVICE : of_read_number(tokenp.value, 1) | 0
}

/** The service with this token, for events. */
function serviceName(token: number): string {
  for (let pp = rtas().dev?.properties ?? null; pp !== null; pp = pp.next) {
    if (pp.name === null || pp.value === null || pp.length !== 4) continue
    if ((of_read_number(pp.value, 1) | 0) === token) return text(pp.name)
  }
  return `token ${String(token)}`
}

/**
 * Models `rtas_call` (arch/powerpc/kernel/rtas.c, v4.18).
 *
 * @param token - from `rtas_token`; an unknown one fails immediately
 * @param args - input words; work areas as buffers
 * @param outputs - filled with the return words after the status
 * @returns the first return word; -1 for an unknown service or without firmware, with `outputs` unchanged
 */
export function rtas_call(token: number, args: readonly RtasArgument[], outputs: number[] = []): number {
  const { firmware } = currentMachine()
  if (firmware === null || token === RTAS_UNKNOWN_SERVICE) return -1
  const [status = -1, ...rest] = firmware.rtas(token, args)
  outputs.splice(0, outputs.length, ...rest)
  emitEvent('rtas.call', { service: serviceName(token), status })
  return status
}

/**
 * Makes a call with the global buffer, under `rtas_data_buf_lock`: copies the caller's private buffer in before the
 * call and out after it, so firmware finds its data of the previous call.
 *
 * @param buf - private buffer of `RTAS_DATA_BUF_SIZE` bytes
 * @param argument - the call's second argument
 */
export function callWithDataBuf(token: number, buf: cstr, argument: number): number {
  const { rtas_data_buf, rtas_data_buf_lock } = rtas()
  spin_lock(rtas_data_buf_lock)
  memcpy(rtas_data_buf, buf, RTAS_DATA_BUF_SIZE)
  const rc = rtas_call(token, [rtas_data_buf.memory.bytes, argument])
  memcpy(buf, rtas_data_buf, RTAS_DATA_BUF_SIZE)
  spin_unlock(rtas_data_buf_lock)
  return rc
}

/**
 * Models `rtas_busy_delay` (arch/powerpc/kernel/rtas.c, v4.18): true if the caller must repeat the call. May sleep for
 * any status. Takes no simulated time.
 */
export function rtas_busy_delay(status: number): boolean {
  might_sleep('arch/powerpc/kernel/rtas.c:515')
  return status === RTAS_BUSY || (status >= RTAS_EXTENDED_DELAY_MIN && status <= RTAS_EXTENDED_DELAY_MAX)
}

/**
 * Models `rtas_error_rc` (arch/powerpc/kernel/rtas.c, v4.18): the errno of a status; -ERANGE, after an error message,
 * for an unknown status.
 */
function rtas_error_rc(rtas_rc: number): number {
  switch (rtas_rc) {
    case -1:
      return -EIO
    case -3:
      return -EINVAL
    case -9000:
      return -EFAULT
    case -9001:
      return -EEXIST
    case -9002:
      return -ENODEV
    default:
      printk(LOGLEVEL_ERR, '%s: unexpected RTAS error %d\n', 'rtas_error_rc', rtas_rc)
      return -ERANGE
  }
}

/**
 * Models `rtas_set_indicator` (arch/powerpc/kernel/rtas.c, v4.18): repeats the call while firmware is busy.
 *
 * @returns 0 or a positive status; -ENOENT without the service; the errno of a negative status
 */
export function rtas_set_indicator(indicator: number, index: number, new_value: number): number {
  const token = rtas_token('set-indicator')
  if (token === RTAS_UNKNOWN_SERVICE) return -ENOENT
  const rc = sleepWhile(
    'set-indicator',
    () => rtas_call(token, [indicator, index, new_value]),
    rtas_busy_delay,
  )
  return rc < 0 ? rtas_error_rc(rc) : rc
}

/**
 * Models `rtas_ibm_suspend_me` (arch/powerpc/kernel/rtas.c, v4.18), including the part that one processor runs: the
 * migration itself. The PRRN notifier is unregistered before the migration. After the migration it is registered again,
 * as the last in the chain, even if firmware refuses to suspend the partition.
 *
 * @param handle - stream id of the migration
 * @returns 0; -ENOSYS without the service; -EAGAIN while the hypervisor is not ready; -EIO in any other state; the
 * unchanged status of a failed `H_VASI_STATE` or `ibm,suspend-me`
 */
export function rtas_ibm_suspend_me(handle: number): number {
  const token = rtas_token('ibm,suspend-me')
  if (token === RTAS_UNKNOWN_SERVICE) return -ENOSYS
  const retbuf: number[] = []
  const asked = plpar_hcall(H_VASI_STATE, retbuf, handle)
  const [state = 0] = retbuf
  if (asked !== 0) {
    printk(LOGLEVEL_ERR, 'rtas_ibm_suspend_me: vasi_state returned %ld\n', asked)
    return asked
  }
  if (state === H_VASI_ENABLED) return -EAGAIN
  if (state !== H_VASI_SUSPENDING) {
    printk(LOGLEVEL_ERR, 'rtas_ibm_suspend_me: vasi_state returned state %ld\n', state)
    return -EIO
  }
  stop_topology_update()
  const rc = spinWhile(
    'ibm,suspend-me',
    () => rtas_call(token, []),
    (status) => status === H_MULTI_THREADS_ACTIVE,
  )
  if (rc !== 0) printk(LOGLEVEL_ERR, 'Error doing global join\n')
  start_topology_update()
  return rc
}
