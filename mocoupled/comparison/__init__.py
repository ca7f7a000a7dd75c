"""The comparison of our equilibria with those of other programs (FactSage, NASA's CEA), species by species.

Start in side_by_side.py, which computes each record by every method. factsage/ reads the other program's
files, modelled.py says what of a record can be computed, reasons.py names known offsets, answers.py defines
what a comparison consists of, and result_dataset.py puts comparisons into a Dataset.
"""
