"""What a result rests on: calibration ranges, sources of data, publications, and what was left out.

Start with references.py."""
