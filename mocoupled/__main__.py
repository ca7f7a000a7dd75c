"""python -m mocoupled: the command line."""

from .cli import main

main()
