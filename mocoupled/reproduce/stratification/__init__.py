"""Maps of the iron of the last melt: the runs behind them, the figures."""
