// SPDX-License-Identifier: GPL-2.0-only

/** A part of the recordings that is not compared, and the reason. */
export interface NotCompared {
  readonly what: string
  readonly why: string
}

/** Ids of the parts that are not compared. */
export type NotComparedId =
  | 'after-oops'
  | 'freed-text'
  | 'double-free-of-reused-memory'
  | 'lost-name'
  | 'untraced-references'
  | 'other-order'
  | 'other-moment'
  | 'worker-after-oops'
  | 'trace-lines'
  | 'recorder-lines'
  | 'quiet-lines'
  | 'run-numbers'
  | 'hung-task'
  | 'taint'
  | 'cut-trace'
  | 'torn-trace'
  | 'nx-gzip'

/** All parts that are not compared. The comparison counts skipped facts by these ids. */
export const NOT_COMPARED: Readonly<Record<NotComparedId, NotCompared>> = {
  'after-oops': {
    what: 'what follows the dump after an Oops, a hang or the end of the machine; files in that dump',
    why: 'whoever touches sysfs or the tree then hangs or takes a further Oops, which of both and when differs from run to run',
  },
  'freed-text': {
    what: 'text that was printed out of freed memory which had a new owner: names of released directories, of attributes freed a second time, of devices on freed nodes',
    why: "it is somebody else's string, or without poison a pointer of the allocator's; in the models memory has no second owner. Poison, and the red zone behind it, is compared",
  },
  'double-free-of-reused-memory': {
    what: 'the missing SLUB report where the memory freed a second time had a new owner (the name that the line before prints is no poison)',
    why: "SLUB saw an ordinary free of somebody else's memory; in the models memory has no second owner",
  },
  'lost-name': {
    what: 'the status of "read back" when the memory freed a second time was the name of a file that it reads',
    why: 'the recorded kernel cannot find that file any more; in the models the name has its memory to itself',
  },
  'untraced-references': {
    what: 'references in S6 recordings behind step 1, but for those on released nodes',
    why: "the observer's tracing of references was off",
  },
  'other-order': {
    what: 'in a step that queued work for a worker: order of events, what lies where a parent lay, and whether memory that the worker frees is reused',
    why: 'the worker ran on another processor at the same time; each thing done is compared, and the state after it',
  },
  'other-moment': {
    what: 'in such a step: the counter at a reference that agrees otherwise, where it is another one in the replay',
    why: 'the worker may run before, beside or after the task that queued its work, and each order has other counters on the way; the counters in the state after the step are compared',
  },
  'worker-after-oops': {
    what: 'what a worker did beside a task that an Oops killed, and in the dump after it vio devices and counters of nodes',
    why: 'how far the worker came before it waits for the locks of the dead task differs from run to run: the recordings of one scenario show three different ends',
  },
  'trace-lines': {
    what: 'console lines that are a frame of a call trace, an entry of a list of locks, or output of the shell',
    why: "the recorder's search for complaints caught them; traces are compared whole with the reports",
  },
  'recorder-lines': {
    what: 'lines of the recorder itself: that a step does not finish, or that the machine stopped',
    why: 'the outcome of the step says the same, and is compared; a machine that stopped in a step counts as a hang',
  },
  'quiet-lines': {
    what: 'console lines of the replay of kinds that the recorder did not keep: what drivers say when all is well, and what a report says besides its text and its trace',
    why: 'the recordings have no such lines to hold them against',
  },
  'run-numbers': {
    what: 'in console lines: numbers of processors, processes and worker threads, and addresses',
    why: 'they are others in every run; the rest of these lines is compared',
  },
  'hung-task': {
    what: 'reports of the hung-task detector in a step in which the recording has none',
    why: 'whether it speaks depends on how long the recorder waited',
  },
  taint: {
    what: 'taint letters in SLUB reports',
    why: 'they sum up earlier reports, each of which is compared itself',
  },
  'cut-trace': {
    what: 'the outer part of traces that do not reach a system call or a thread in the recording',
    why: 'the recorder stopped reading at an address without a name, or at the frame of an interrupt; what it read is compared',
  },
  'torn-trace': {
    what: 'traces of complaints about sleeping that do not come from there',
    why: 'two processors printed at the same time, and the recorder took the trace of the other report; the text is compared',
  },
  'nx-gzip': {
    what: 'complaints on unloading nx-compress-pseries where NX-GZIP had not been registered',
    why: 'the recorded machine had no VAS, so registering failed; the README of the recordings of 6.1 says so',
  },
}

/** Functions ignored in call chains and traces on both sides. */
export interface LeftOutFunctions {
  readonly why: string
  readonly functions: readonly string[]
}

export const LEFT_OUT_FUNCTIONS: readonly LeftOutFunctions[] = [
  {
    why: 'inlined by the compiler of the recorded kernel, or a macro or inline function in C',
    functions: [
      'delete_dt_node',
      'add_dt_node',
      'update_dt_node',
      'update_dt_property',
      'do_add_node',
      'do_remove_node',
      'pSeries_reconfig_add_node',
      'pSeries_reconfig_remove_node',
      '__of_get_next_child',
      'of_find_node_by_path',
      'of_reconfig_notify',
      '__of_sysfs_remove_bin_file',
      '__of_find_property',
      'device_release_driver_internal',
      'put_device',
      'vio_pfo_detach',
    ],
  },
  {
    why: 'below the place that an event is about: reporting, locking, formatting, freeing',
    functions: [
      'printk',
      'vsnprintf',
      'warn_slowpath_fmt',
      'dump_stack',
      '___might_sleep',
      'might_sleep',
      '__lock_acquire',
      'check_deadlock',
      'check_prev_add',
      'print_circular_bug',
      '__schedule',
      'schedule',
      'rwsem_down_write_failed',
      '__switch_to',
      'print_trailer',
      'free_debug_processing',
      '__slab_free',
      'kfree',
      '_raw_spin_unlock',
      '_raw_spin_lock_irqsave',
      'spin_lock_irqsave',
      'spin_lock',
    ],
  },
  {
    why: 'the way into the kernel: system calls, VFS, procfs and sysfs files, the observer and its control files',
    functions: [
      'system_call',
      'system_call_common',
      'system_call_exception',
      'system_call_vectored_common',
      'ret_from_kernel_thread',
      'sys_finit_module',
      'sys_delete_module',
      'delete_module',
      'bad_page_fault',
      'slb_miss_large_addr',
      'large_addr_slb',
      'die',
      'ksys_write',
      'vfs_write',
      '__vfs_write',
      'proc_reg_write',
      'full_proxy_write',
      'ctl_write',
      'do_sendfile',
      'do_splice_direct',
      'splice_direct_to_actor',
      'do_splice_to',
      'default_file_splice_read',
      'vfs_readv',
      'vfs_read',
      'do_iter_read',
      'seq_read',
      'kernfs_seq_show',
      'sysfs_kf_seq_show',
      'full_proxy_read',
      'lookup_show',
      'lk',
    ],
  },
]

/**
 * Functions also ignored in replays on the kernel's own C: specific to the recorded build, or replaced by the
 * workbench.
 */
export const C_LEFT_OUT_FUNCTIONS: readonly LeftOutFunctions[] = [
  {
    why: 'inlined by the compiler of the recorded kernel',
    functions: [
      'kobject_add_varg',
      'kobject_cleanup',
      '__blocking_notifier_call_chain',
      'refcount_sub_and_test',
      'fwnode_get_parent',
      'fwnode_get_next_parent',
      'fwnode_handle_put',
      'kobject_del',
      'kobject_uevent',
      'pointer',
      '__device_release_driver',
      'device_release_driver',
    ],
  },
  {
    why: 'in the place of C the workbench does it itself: running initcalls and work, loading modules, opening files, ending tasks, locking',
    functions: [
      'discover_phbs',
      'do_one_initcall',
      'kernel_init_freeable',
      'kernel_init',
      'process_one_work',
      'worker_thread',
      'kthread',
      'do_init_module',
      'load_module',
      'kernfs_fop_read',
      'kernfs_fop_write',
      'kernfs_fop_read_iter',
      'kernfs_fop_write_iter',
      'seq_read_iter',
      'exit_signals',
      'do_exit',
      'down_read',
      'down_write',
      'lock_acquire',
      '__schedule_bug',
      'rwsem_down_write_slowpath',
      '__might_resched',
      'dump_stack_lvl',
      '__do_sys_finit_module',
      '__se_sys_finit_module',
      '__do_sys_delete_module',
      '__se_sys_delete_module',
      'full_proxy_read_iter',
      'copy_splice_read',
      'generic_file_splice_read',
      'vfs_iter_read',
      'splice_file_to_pipe',
      'sys_sendfile64',
    ],
  },
]

/** Reference counting functions. */
export const COUNTING_FUNCTIONS: LeftOutFunctions = {
  why: 'the recordings begin the callers of references and life events outside of the functions that count',
  functions: [
    'kobject_get',
    'kobject_put',
    'kobject_release',
    'of_node_get',
    'of_node_put',
    'of_node_release',
  ],
}
