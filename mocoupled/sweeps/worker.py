"""The program of a sweep's worker process: takes a case at a time over its pipe, runs it, answers what became of it."""

from ..loading import UNNEEDED, keep_out


def main():
    """Serve until the sweep ends."""
    keep_out(*UNNEEDED)
    from ..runs.processes import serve
    from .one_case import Batch, as_plain, run_batch

    serve(lambda task: [as_plain(outcome) for outcome in run_batch(Batch(**task))])


if __name__ == "__main__":
    main()
