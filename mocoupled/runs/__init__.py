"""The main job: a case marches to its end, and its folder stores every finished part.

The library, the command, sweeps and reproduced papers all call `execute` of main_job.py.
checkpoint.py writes checkpoints; run_folder.py makes, locks and marks the folder.
processes.py starts workers on this machine, dask_cluster.py sends work to others, worker.py lists services.
May change: how a run is stored and continued. No figure is drawn and no page is printed here.
Must stay: names and contents of the files of a run.
Start with main_job.py.
"""
