"""Names of the files in the folder of a run, a sweep or a map, and the status of a run under way."""

EVOLUTION, SUMMARY, CASE, LOG, FIGURES = "evolution.nc", "summary.json", "case.toml", "run.log", "figures"
# tables of a sweep, and the map of equilibria, in their folders
SWEEP, MAP = "sweep.nc", "map.nc"
# status in summary.json of a run that has begun and not ended
RUNNING = "running"
