"""What a result rests on: calibration ranges, sources of data, publications, and what was left out.

These files describe a run; they change no number of it.
You may add a publication to references.yaml, and a kind of omission to omissions.py.
A new law states the key of its publication, which must have an entry here: the tests say which is missing.
Start with references.py.
"""
