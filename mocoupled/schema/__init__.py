"""The sections of a case as pydantic models: keys with units, ranges, choices and meanings.

settings.py, sky.py and volatiles.py are the sections of a case of a run, buffering_keys.py those of a pile.
May change: a key, its default or its range; `mocoupled show` and the documentation follow from the models.
Must stay: names of keys and the form of refusals, which files of users and tests rely on.
Start with settings.py; case_file.py reads files, quantities.py numbers with units, keys.py lists the keys.
"""
