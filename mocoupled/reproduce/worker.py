"""The program of a worker process of `mocoupled reproduce`: takes a case at a time over its pipe, runs and stores it."""

from ..runs.processes import serve
from .runs import run_stored


def main():
    """Serve until the work ends."""
    serve(lambda task: run_stored(**task))


if __name__ == "__main__":
    main()
