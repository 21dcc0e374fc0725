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
export const notCompared: Readonly<Record<NotComparedId, NotCompared>> = {
  'after-oops': {
    what: 'everything after the dump that follows an Oops, a hang or a stop of the machine; files in that dump',
    why: 'a task that accesses sysfs or the tree then hangs or Oopses, and which of the two, and when, differs from run to run',
  },
  'freed-text': {
    what: 'text printed from freed memory that had a new owner: names of released directories, of attributes that were freed twice, of devices on freed nodes',
    why: 'the text belongs to the new owner or, without poison, is a pointer of the allocator; in the models, memory never has a second owner. Poison and the red zone after it are compared',
  },
  'double-free-of-reused-memory': {
    what: 'a missing SLUB report where memory that was freed twice had a new owner (the name in the line before is not poison)',
    why: "SLUB saw a normal free of the new owner's memory; in the models, memory never has a second owner",
  },
  'lost-name': {
    what: 'the status of "read back" if the memory that was freed twice held the name of a file that it reads',
    why: 'the recorded kernel no longer finds that file; in the models, the memory of the name has no other owner',
  },
  'untraced-references': {
    what: 'references in S6 recordings after step 1, except those on released nodes',
    why: 'the observer did not trace references there',
  },
  'other-order': {
    what: "in a step that queued work for a worker: the order of events, the new content of a parent's memory, and the reuse of memory that the worker frees",
    why: 'the worker ran concurrently on another processor; each event and the state after the step are compared',
  },
  'other-moment': {
    what: 'in such a step: the counter of a reference that agrees otherwise, if the replay has another value',
    why: 'the worker may run before, during or after the task that queued its work, and counters in between depend on that; the counters in the state after the step are compared',
  },
  'worker-after-oops': {
    what: 'events of a worker that ran concurrently with a task that an Oops killed, and in the following dump VIO devices and counters of nodes',
    why: 'the progress of the worker, until it waits for the locks of the dead task, differs from run to run: the recordings of one scenario show three different ends',
  },
  'trace-lines': {
    what: 'console lines that are a frame of a call trace, an entry of a list of locks, or output of the shell',
    why: "the recorder's search for complaints matched them; complete traces are compared with the reports",
  },
  'recorder-lines': {
    what: 'lines of the recorder itself: a step does not finish, or the machine stopped',
    why: 'the outcome of the step, which is compared, has the same information; a machine that stopped in a step counts as a hang',
  },
  'quiet-lines': {
    what: 'console lines of the replay of kinds that the recorder did not keep: normal messages of drivers, and lines of a report other than its text and its trace',
    why: 'the recordings have no such lines for comparison',
  },
  'run-numbers': {
    what: 'in console lines: numbers of processors, processes and worker threads, and addresses',
    why: 'they differ in every run; the rest of these lines is compared',
  },
  'hung-task': {
    what: 'reports of the hung-task detector in a step in which the recording has none',
    why: 'the report depends on how long the recorder waited',
  },
  taint: {
    what: 'taint letters in SLUB reports',
    why: 'they summarize earlier reports, each of which is compared',
  },
  'cut-trace': {
    what: 'the outer part of recorded traces that do not reach a system call or a thread',
    why: 'the recorder stopped at an address without a name, or at the frame of an interrupt; the recorded part is compared',
  },
  'torn-trace': {
    what: 'traces of complaints about sleeping that do not belong to the complaint',
    why: 'two processors printed at the same time, and the recorder took the trace of the other report; the text is compared',
  },
  'nx-gzip': {
    what: 'complaints about unloading nx-compress-pseries although NX-GZIP was never registered',
    why: 'the recorded machine had no VAS, so the registration failed; the README of the recordings of 6.1 describes this',
  },
}

/** Functions ignored in call chains and traces on both sides. */
export interface LeftOutFunctions {
  readonly why: string
  readonly functions: readonly string[]
}

export const leftOutFunctions: readonly LeftOutFunctions[] = [
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
    why: 'called by the function of an event: reporting, locking, formatting, freeing',
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
export const cLeftOutFunctions: readonly LeftOutFunctions[] = [
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
    why: 'replaced by the workbench: running initcalls and work, loading modules, opening files, ending tasks, locking',
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

/** Reference counting functions, ignored in the chains of references and lifecycle events on both sides. */
export const countingFunctions: LeftOutFunctions = {
  why: 'in the recordings, the callers of references and lifecycle events start outside of the functions that count',
  functions: [
    'kobject_get',
    'kobject_put',
    'kobject_release',
    'of_node_get',
    'of_node_put',
    'of_node_release',
  ],
}
