"""The program of a sweep's worker process: takes a case at a time over its pipe, runs it, answers what became of it."""

from ..runs.processes import serve
from .one_case import Batch, as_plain, run_batch


def main():
    """Serve until the sweep ends."""
    serve(lambda task: [as_plain(outcome) for outcome in run_batch(Batch(**task))])


if __name__ == "__main__":
    main()
