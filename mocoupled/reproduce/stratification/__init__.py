"""Maps of the iron of a buffered magma ocean: which mantles are stratified, over size, iron and volatiles.

Start in job.py, which `mocoupled reproduce stratification` calls. sizes.py computes maps over mantle
thickness and bulk iron, static or with a timescale. cases.py lists the coupled runs behind the maps over
volatiles, values.py reads their ends, and figures.py draws both kinds of map. The model is in cumulates/.
"""
