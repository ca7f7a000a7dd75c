"""Bower, Hakim, Sossi & Sanan 2022 (Planet. Sci. J. 3, 93): runs of its cases, its claims judged, its figures
drawn.

Start in job.py, which `mocoupled reproduce bower2022` calls. cases.py names the cases and says which figure
needs which, values.py has our value of each claim, figures.py draws the figures from stored runs. The claims
are data, in validation/published/bower2022_claims.csv. Shipped cases of the paper are in mocoupled/cases/.
"""
