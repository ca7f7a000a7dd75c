"""Many cases at once, and maps of equilibria over many conditions.

`grid` is what a sweep runs, from `axes`; `grid_file` reads it and `grid_check` proves it. `many_cases` runs
it, each case by the main job (`case_outcome`), on the processes or machines of `workers`; `tables` gathers
the ends. `maps` makes maps. A kind of axis is added in `ranges` or `samples`; names in tables and files
stay as they are. No process is started here. Start reading at `many_cases.run_grid`.
"""
