"""Calls from several threads: what they give alone, no crash, and nothing of the process changed; one run in
a folder at a time."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.command_line import ENVIRONMENT
from support.cut_run import small
from support.places import PACKAGE, ROOT, TESTS
from support.waiting import HANG

import mocoupled as mo
from mocoupled import files as whole_files
from mocoupled.runs.run_folder import locked

SCRIPT = ROOT / "validation" / "threads.py"


@pytest.mark.skipif(not SCRIPT.is_file(), reason="without the folder validation")
def test_mixed_calls_from_threads_give_what_they_give_alone():
    """Runs, stored files, equilibria and closed systems by both engines, in a process of their own: a crash
    of it is a failure."""
    environment = os.environ | {"PYTHONPATH": str(PACKAGE.parent)}
    done = subprocess.run(
        [sys.executable, SCRIPT, "--threads", "4", "--calls", "5", "--seed", "2"],
        capture_output=True,
        text=True,
        timeout=HANG,
        env=environment,
    )
    assert done.returncode == 0, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "0 differ" in done.stdout and "nothing" in done.stdout


STORING = """
import sys, mocoupled as mo
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from mocoupled.results.output import write
result = mo.read(sys.argv[1])
def work(k):
    for _ in range(6):
        write(result, Path(sys.argv[2], str(k)))
        assert mo.read(Path(sys.argv[2], str(k))).identical(result)
with ThreadPoolExecutor(8) as pool:
    list(pool.map(work, range(8)))
print("equal")
"""


def test_results_are_written_and_read_from_threads(tmp_path):
    """NetCDF's library has no lock: without ours the process is gone (SIGSEGV, SIGABRT) or a read fails."""
    stored = TESTS / "stored_0_1" / "complete"
    environment = os.environ | {"PYTHONPATH": str(PACKAGE.parent)}
    done = subprocess.run(
        [sys.executable, "-c", STORING, stored, tmp_path],
        capture_output=True,
        text=True,
        timeout=HANG,
        env=environment,
    )
    assert (done.returncode, done.stdout) == (0, "equal\n"), f"{done.returncode}\n{done.stderr}"


def test_two_runs_in_one_folder_at_once_the_second_is_refused(tmp_path):
    case = small().planet.case
    inside, leave = threading.Event(), threading.Event()

    def first():
        (tmp_path / "a").mkdir()
        with locked(tmp_path / "a"):
            inside.set()
            leave.wait(HANG)

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(first)
        inside.wait(HANG)
        with pytest.raises(mo.InputError, match="is working in this folder"):
            mo.run(case, tmp_path / "a")
        assert list((tmp_path / "a").iterdir()) == []
        leave.set()
        working.result()
    assert mo.run(case, tmp_path / "a").attrs["status"] == "complete"


def test_files_have_the_permissions_of_the_umask_which_no_thread_changes(tmp_path, monkeypatch):
    """The umask of a process cannot be read without changing it for all threads: it is left to the operating
    system."""
    before = os.umask(0o027)
    try:
        monkeypatch.setattr(os, "umask", lambda mask: pytest.fail("the umask was changed"))
        whole_files.write_text(tmp_path / "a.txt", "a")
        assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o640
        mo.run(small().planet.case, tmp_path / "run")
        assert (tmp_path / "run" / "evolution.nc").stat().st_mode & 0o777 == 0o640
    finally:
        monkeypatch.undo()
        os.umask(before)


def test_the_limit_on_threads_of_linear_algebra_is_shared():
    """It ends with the last march that is under way, in whatever order and in whatever thread they end: 8
    threads that take turns leave what was there. In a process of its own with two threads for linear
    algebra."""
    code = """if True:
        import threading
        import numpy
        from threadpoolctl import threadpool_info
        from mocoupled.dae.solve.blas_threads import one_thread
        counts = lambda: [pool["num_threads"] for pool in threadpool_info()]
        before = counts()
        first, second = one_thread(), one_thread()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert set(counts()) == {1}, counts()
        ends = threading.Thread(target=second.__exit__, args=(None, None, None))
        ends.start()
        ends.join()
        assert counts() == before, counts()
        wrong = []
        def march():
            for _ in range(40):
                with one_thread():
                    wrong.extend(n for n in counts() if n != 1)
        threads = [threading.Thread(target=march) for _ in range(8)]
        for one in threads: one.start()
        for one in threads: one.join()
        assert not wrong and counts() == before, (wrong, counts())
        assert max(before) == 2, before
    """
    environment = ENVIRONMENT | {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=HANG
    )
    assert done.returncode == 0, done.stderr
