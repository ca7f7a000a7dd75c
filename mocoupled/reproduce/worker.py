"""The program of a worker process of `mocoupled reproduce`: takes a case at a time over its pipe, runs and stores it."""

from ..loading import UNNEEDED, keep_out


def main():
    """Serve until the work ends."""
    keep_out(*UNNEEDED)
    from ..runs.processes import serve
    from .runs import run_stored

    serve(lambda task: run_stored(**task))


if __name__ == "__main__":
    main()
