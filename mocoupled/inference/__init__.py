"""Error bars of results and likelihoods of observations, from sensitivities."""
