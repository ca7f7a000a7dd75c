"""Nabiei et al. 2021, crystallisation of the lower mantle: the melting model beside the claims of the paper.

Start in job.py, which `mocoupled reproduce nabiei2021` calls. values.py has our value of each claim,
figures.py draws figures 3 and 4. The claims are data, in validation/published/nabiei2021_claims.csv. The
model is in lower_mantle/.
"""
