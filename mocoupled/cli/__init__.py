"""The command line: one file a command, and what the commands share.

Here a command reads its options, calls the library, prints a page of pages/ and names the files that it
wrote. No physics is computed here. A file imports nothing heavy at its top, so that `mocoupled --help` is
fast. To add a command, write a file of its name and list it in commands.py, where reading starts.
Shared: options.py, terminal.py (screen, errors, Ctrl-C), output_files.py, equilibria.py, melting_input.py.
"""
