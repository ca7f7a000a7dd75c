"""Files for other readers, from stored results alone: an HTML page, and the files of an intercomparison.

What a file says may be changed here; nothing is computed that a result does not store.
html_page.py and templates/: a run as one page. chili.py: the files of CHILI, with chili_tables.py and
chili_notes.py. A file for another community gets a file here and a name in cli/export.py.
Start reading with html_page.py.
"""
