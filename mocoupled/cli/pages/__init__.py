"""What the commands print: one file a page, from a prepared case or a stored result.

Every function writes to a rich Console and computes nothing that is not printed.
To change what a command prints, change the file of its page here.
Start reading with text.py: labelled rows, tables, times and ranges as every page prints them.
"""
