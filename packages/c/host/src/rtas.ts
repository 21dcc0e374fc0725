// SPDX-License-Identifier: GPL-2.0-only
// arch/powerpc/kernel/rtas.c: firmware services. A `Partition` answers them.
import { EEXIST, EFAULT, EINVAL, EIO, ENODEV, ENOSYS, ERANGE, EAGAIN, EBUSY } from '@pfo-workbench/kernel'
import {
  addressOf,
  isAtLeast,
  mightSleep,
  modelled,
  pointerTo,
  type HostFunctions,
  type Machine,
} from '@pfo-workbench/machine'
import {
  propertyOf,
  RTAS_SERVICES,
  type PlacedNode,
  type RtasArgument,
  type RtasServiceName,
} from '@pfo-workbench/powervm'
import { allocate, release } from './allocation.ts'
import { findConstant, type KernelConstant } from './constants.ts'
import { noteSuspension } from './hypervisor.ts'
import { named } from './named.ts'

/** The firmware of a machine, such as a `Partition`. */
export interface Firmware {
  token(service: RtasServiceName): number
  service(token: number): RtasServiceName | undefined
  /** Its device tree. The node `/rtas` has a property with the token of each service. */
  tree(): readonly PlacedNode[]
  rtas(token: number, args: readonly RtasArgument[]): readonly number[]
}

/** Token of a service that firmware does not have. */
const RTAS_UNKNOWN_SERVICE = -1

/** Size of a work area in bytes. */
const workArea = 4096

/** Number of leading arguments of a service that are addresses of work areas. */
const workAreas: Partial<Readonly<Record<RtasServiceName, number>>> = {
  'ibm,update-nodes': 1,
  'ibm,update-properties': 1,
  'ibm,configure-connector': 1,
}

const ECANCELED = 125

/** The error number for a status in `rtas_ibm_suspend_me`, since v5.12. */
const suspendErrors: Readonly<Record<number, number>> = {
  0: 0,
  9000: -ECANCELED,
  [-9005]: -EAGAIN,
  [-9004]: -EBUSY,
  [-9006]: -EBUSY,
}

/** The error number for a status in `rtas_error_rc`. */
const errors: Readonly<Record<number, number>> = {
  [-1]: -EIO,
  [-3]: -EINVAL,
  [-9000]: -EFAULT,
  [-9001]: -EEXIST,
  [-9002]: -ENODEV,
}

const errorOf = (status: number): number => (status >= 0 ? 0 : (errors[status] ?? -ERANGE))

/** Handles of services since v6.2, `rtas_fn_handle_t`. */
const handles: readonly (readonly [KernelConstant, RtasServiceName])[] = [
  ['RTAS_SUSPEND_ME', 'ibm,suspend-me'],
  ['RTAS_ACTIVATE_FIRMWARE', 'ibm,activate-firmware'],
  ['RTAS_UPDATE_NODES', 'ibm,update-nodes'],
  ['RTAS_UPDATE_PROPERTIES', 'ibm,update-properties'],
  ['RTAS_CONFIGURE_CONNECTOR', 'ibm,configure-connector'],
  ['RTAS_GET_SENSOR_STATE', 'get-sensor-state'],
  ['RTAS_SET_INDICATOR', 'set-indicator'],
]

/** True for statuses that ask for the same call again: at once, or after a power of ten of milliseconds. */
function isBusy(status: number): boolean {
  return status === -2 || (status >= 9900 && status <= 9905)
}

/** @param firmware - returns the current firmware, because each run has its own */
export function rtas(firmware: () => Firmware): HostFunctions {
  const serviceOf = (token: number): RtasServiceName | undefined => firmware().service(token)

  /**
   * The token of a service. The kernel checks that some services exist that are not implemented here. The tokens of
   * these services are in properties of the node `/rtas`.
   */
  const tokenOf = (name: string): number => {
    const service = RTAS_SERVICES.find((one) => one === name)
    if (service !== undefined) return firmware().token(service)
    const node = firmware()
      .tree()
      .find(({ path }) => path === '/rtas')?.node
    const value = node === undefined ? undefined : propertyOf(node, name)
    if (value?.length !== 4) return RTAS_UNKNOWN_SERVICE
    return new DataView(value.buffer, value.byteOffset).getInt32(0)
  }

  /** Calls firmware and records the service and the status. @returns the status, then the outputs */
  const enter = (machine: Machine, token: number, args: readonly RtasArgument[]): readonly number[] => {
    const answer = firmware().rtas(token, args)
    const service = serviceOf(token) ?? `token ${String(token)}`
    machine.journal.emit('rtas.call', { service, status: answer[0] ?? -1 })
    return answer
  }

  const call = (machine: Machine, service: RtasServiceName, ...args: readonly number[]): readonly number[] =>
    enter(machine, tokenOf(service), args)

  /** Firmware takes 32-bit words. The real address of a work area is the lower half of its pointer. */
  const argumentsOf = (machine: Machine, token: number, count: number, list: bigint): RtasArgument[] => {
    const service = serviceOf(token)
    const areas = service === undefined ? 0 : (workAreas[service] ?? 0)
    return Array.from({ length: count }, (_, index) => {
      const word = addressOf(machine.checked.u64(list + BigInt(8 * index)))
      return index < areas ? machine.checked.bytes(pointerTo(word), workArea, true) : word | 0
    })
  }

  /**
   * Up to 5.11 this function joins all processors and suspends the partition. Later versions only call firmware and
   * return its status.
   */
  const suspend = modelled(['u64'], (machine, statusAt) => {
    const [status = -1] = call(machine, 'ibm,suspend-me')
    if (status === 0) noteSuspension(machine)
    if (!isAtLeast(machine.options.release, [5, 12])) return status
    if (statusAt !== 0n) machine.checked.setU32(statusAt, status)
    return suspendErrors[status] ?? -EIO
  })

  const activate = modelled([], (machine) => {
    call(machine, 'ibm,activate-firmware')
  })

  const busyDelay = modelled(['s32'], (machine, status) => {
    if (!isBusy(status)) return 0
    mightSleep(machine, 'arch/powerpc/kernel/rtas.c')
    return 1
  })

  return {
    rtas_token: modelled(['u64'], (machine, name) => tokenOf(machine.checked.string(name))),
    rtas_service_present: modelled(['u64'], (machine, name) => tokenOf(machine.checked.string(name)) !== -1),
    rtas_function_token: modelled(['u64'], (machine, handle) => {
      const index = BigInt.asUintN(32, handle)
      const service = handles.find(([constant]) => findConstant(machine, constant) === index)?.[1]
      return service === undefined ? RTAS_UNKNOWN_SERVICE : firmware().token(service)
    }),
    rtas_call: modelled(['s32', 's32', 's32', 'u64', 'u64'], (machine, token, nargs, nret, outputs, list) => {
      if (token === RTAS_UNKNOWN_SERVICE) return -1
      const answer = enter(machine, token, argumentsOf(machine, token, nargs, list))
      if (outputs !== 0n) {
        for (let index = 1; index < nret; index++) {
          machine.checked.setU32(outputs + BigInt(4 * (index - 1)), answer[index] ?? 0)
        }
      }
      return answer[0]
    }),
    ...named(busyDelay, 'rtas_busy_delay', 'rtas_busy_delay_time'),
    rtas_ibm_suspend_me: suspend,
    rtas_activate_firmware: activate,
    rtas_get_sensor: modelled(['s32', 's32', 'u64'], (machine, sensor, index, state) => {
      const [status = -1, value = 0] = call(machine, 'get-sensor-state', sensor, index)
      if (status >= 0) machine.checked.setU32(state, value)
      return errorOf(status)
    }),
    rtas_set_indicator: modelled(['s32', 's32', 's32'], (machine, indicator, index, value) => {
      const [status = -1] = call(machine, 'set-indicator', indicator, index, value)
      return errorOf(status)
    }),
    /** Since 6.2 work areas come from a pool: `struct rtas_work_area` is a buffer and its size. */
    __rtas_work_area_alloc: modelled(['u64'], (machine, size) => {
      const area = allocate(machine, { size: 16n, gfp: 0, struct: 'rtas_work_area', neverFails: true })
      const buffer = allocate(machine, {
        size,
        gfp: 0,
        struct: 'bytes',
        alignment: workArea,
        neverFails: true,
      })
      machine.checked.setU64(area, buffer)
      machine.checked.setU64(area + 8n, size)
      return area
    }),
    rtas_work_area_free: modelled(['u64'], (machine, area) => {
      release(machine, machine.checked.u64(area))
      release(machine, area)
    }),
    /** Here only `rtas_call` can suspend the partition, not user space. */
    rtas_syscall_dispatch_ibm_suspend_me: modelled([], () => -ENOSYS),
  }
}
