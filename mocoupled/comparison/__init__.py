"""Parts of the comparison with other programs: what a comparison holds, NASA's CEA, known offsets, the result as a Dataset.

Start in compare.py, which computes each record by every method.
"""
