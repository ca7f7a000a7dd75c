"""The one assembly: a case becomes a model.

A new balance is declared in reservoirs/ and joined here with one line. Start with assembly.py."""
