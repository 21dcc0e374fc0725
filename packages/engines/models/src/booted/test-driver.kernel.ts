// SPDX-License-Identifier: GPL-2.0-only
import {
  alloc_ordered_workqueue,
  bus_register_notifier,
  bus_unregister_notifier,
  cancel_work_sync,
  container_of,
  crypto_alloc_tfm,
  crypto_free_tfm,
  destroy_workqueue,
  dev_get_drvdata,
  dev_info,
  dev_name,
  dev_set_drvdata,
  devm_kzalloc,
  embed,
  ENOMEM,
  EPROBE_DEFER,
  fileScope,
  flush_workqueue,
  kfree,
  kref,
  kref_get,
  kref_init,
  kref_put,
  kstrdup,
  kzalloc,
  memcmp,
  memset,
  notifier_block,
  NOTIFY_OK,
  pr_info,
  queue_work,
  refcount_add,
  refcount_dec,
  refcount_inc_not_zero,
  struct,
  work_struct,
  type device,
  type Module,
  type workqueue_struct,
} from '@pfo-workbench/kernel'
import {
  vio_driver,
  vio_register_driver,
  vio_unregister_driver,
  vioState,
  type vio_dev,
} from '@pfo-workbench/vio'

/** Data of the driver with a reference counter. */
class test_data extends struct {
  readonly kref: kref = embed(this, new kref(() => 'test_data'))
}

/** Managed memory of a bound device. */
class test_private extends struct {
  probes = 0
}

const testState = fileScope(() => ({
  test_nb: new notifier_block<device>(test_bus_notifier),
  test_work: new work_struct(test_work_func, '(work_completion)(&test_work)'),
  test_wq: null as workqueue_struct | null,
  probes: 0,
  test_driver: new vio_driver({
    name: 'test_driver',
    id_table: [{ type: 'vscsi', compat: 'IBM,v-scsi' }],
    probe: test_probe,
    remove: test_remove,
    get_desired_dma: () => 0,
  }),
}))

function test_bus_notifier(_nb: notifier_block<device>, action: number, dev: device): number {
  pr_info('test_driver: action %d on %s\n', action, dev_name(dev))
  return NOTIFY_OK
}

function test_work_func(): void {
  pr_info('test_driver: work\n')
}

/** Defers the first probe of the driver. */
function test_probe({ dev }: vio_dev): number {
  const probes = ++testState().probes
  const before = dev_get_drvdata(dev) === null ? 'no' : 'old'
  const data = devm_kzalloc(dev, test_private)
  if (data === null) return -ENOMEM
  data.probes = probes
  dev_set_drvdata(dev, data)
  dev_info(dev, 'probe %d, %s data\n', probes, before)
  return probes === 1 ? -EPROBE_DEFER : 0
}

function test_remove({ dev }: vio_dev): number {
  const data = dev_get_drvdata(dev) as test_private | null
  dev_info(dev, 'remove after probe %d\n', data?.probes ?? 0)
  return 0
}

function test_release(kref: kref): void {
  pr_info('test_driver: release\n')
  kfree(container_of<test_data>(kref))
}

function test_references(): void {
  const data = kzalloc(test_data)
  if (data === null) return
  const { kref } = data
  kref_init(kref)
  kref_get(kref)
  refcount_add(2, kref.refcount)
  refcount_dec(kref.refcount)
  const isAlive = refcount_inc_not_zero(kref.refcount) ? 1 : 0
  pr_info('test_driver: count %d, alive %d\n', kref.refcount.refs, isAlive)
  let puts = 1
  while (kref_put(kref, test_release) === 0) puts++
  pr_info('test_driver: released by put %d\n', puts)
}

function test_memory(): void {
  const [a, b] = [kstrdup('memory'), kstrdup('memory')]
  if (a !== null && b !== null) {
    const before = memcmp(a, b, 6)
    memset(b, 0, 6)
    pr_info('test_driver: compared: %d, then %d\n', before, memcmp(a, b, 6) > 0 ? 1 : 0)
  }
  kfree(a)
  kfree(b)
}

function test_crypto(): void {
  const tfm = crypto_alloc_tfm('842-nx')
  pr_info('test_driver: 842-nx: %s\n', tfm === null ? 'none' : tfm.cra_name)
  if (tfm !== null) crypto_free_tfm(tfm)
}

function test_init(): number {
  const state = testState()
  state.test_wq = alloc_ordered_workqueue('test_wq')
  if (state.test_wq === null) return -ENOMEM
  queue_work(state.test_wq, state.test_work)
  flush_workqueue(state.test_wq)
  queue_work(state.test_wq, state.test_work)
  pr_info('test_driver: cancelled: %d\n', cancel_work_sync(state.test_work) ? 1 : 0)
  test_references()
  test_memory()
  test_crypto()
  bus_register_notifier(vioState().vio_bus_type, state.test_nb)
  return vio_register_driver(state.test_driver)
}

function test_exit(): void {
  const { test_wq, test_work, test_nb, test_driver } = testState()
  vio_unregister_driver(test_driver)
  bus_unregister_notifier(vioState().vio_bus_type, test_nb)
  if (test_wq === null) return
  queue_work(test_wq, test_work)
  destroy_workqueue(test_wq)
}

/**
 * Not part of the kernel: stands for any driver that uses work, managed memory, reference counters, the notifications
 * of its bus and the services of other drivers. Its first probe is deferred. References are balanced.
 */
export const testDriverModule: Module = { name: 'test_driver', init: test_init, exit: test_exit }
