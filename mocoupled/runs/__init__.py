"""The main job: a case marches to its end in a folder that keeps what was reached.

`main_job.execute` is the one function that the library, the command, sweeps and reproduced papers call; it
may change here alone. A checkpoint is written by `checkpoint`, a folder locked and marked by `run_folder`;
other processes and machines work through `processes` and `dask_cluster`, and serve what `worker` lists. No
figure and no page is made here. Start reading at `main_job.execute`.
"""
