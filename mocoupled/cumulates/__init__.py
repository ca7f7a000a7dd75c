"""The crystals of a magma ocean: a convecting pile of cumulates melts again and buffers the melt above it.

remelting.py computes what a pile returns; static_buffering.py and timed_buffering.py find the buffered ocean.
Who pays for the melts: pile_growth.py has both answers, heat_balance.py and warm_tables.py that of a pile
which pays; curve_remelting.py is such a pile below the lumped mantle of a run.
May change: readings and laws of remelting, the grids of its tables.
Must stay: the variables of `mocoupled.buffering` and `mocoupled.buffering_history`, which files and figures
refer to.
Start with remelting.py; of_case.py is the pile of a run. local_exchange.py is K_D by a law of pressure.
basal_layer.py adds the verdict on a basal layer to a result: mantle_profiles.py reads the mantle in depth,
frozen_mantle.py freezes and overturns it, basal_verdict.py states what is at its base.
"""
