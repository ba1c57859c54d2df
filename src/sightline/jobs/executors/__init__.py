"""Where the work of a job is done: one way a file, all behind `sightline.jobs.executor.Executor`."""
