"""Results: a run, a sweep or a map as a Dataset, on disk and back. Storing a result runs no physics.

`trajectories` makes the Dataset of a run, `output` writes and reads its folder, `netcdf` is the one door to
NetCDF files, `map_store` and `blocks` are for files written block by block; `diagnostics` reads quantities
off a result. A new variable comes from a model's outputs, a new attribute from `origin`. Names in files stay
as they are. Start reading at `output.read` and `trajectories.dataset`.
"""
