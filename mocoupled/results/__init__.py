"""Results: a run, a sweep or a map as a Dataset, on disk and back. Storing a result runs no physics.

trajectories.py makes the Dataset of a run, output.py writes and reads its folder.
netcdf.py is the one door to NetCDF files; map_store.py and blocks.py write files block by block.
diagnostics.py derives quantities from a stored result.
May change: attributes (origin.py). A new variable is an Output of a model, not a change here.
Must stay: names of variables and attributes in files.
Start with `dataset` of trajectories.py and `read` of output.py.
"""
