"""The one assembly: a case becomes a model.

Each file *_of_case.py makes one part: chemistry, inventories, laws, mantle, species, volatiles, pile.
May change: which parts there are; a new balance is declared in reservoirs/ and joined in assembly.py.
Must stay: the order in which parts are joined, which sets the order of unknowns in stored runs.
Start with assembly.py, which reads like a table of contents.
"""
