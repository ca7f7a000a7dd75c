"""Worker processes: answers to the last bit, deaths, noise, libraries of the wrong folder, a parent that
dies, no port."""

import json
import math
import os
import signal
import subprocess
import sys

import pytest
from support import paused_worker
from support.command_line import ENVIRONMENT
from support.paused_command import REACHED
from support.places import TESTS
from support.processes import lives
from support.waiting import ENDLESS, HANG, until

import mocoupled as mo
from mocoupled.runs import processes
from mocoupled.runs.processes import ATTEMPTS, Pool

PROGRAM = """
import os, signal, sys, time
from mocoupled.runs.processes import serve

def answer(task):
    do = task.get("do")
    if do == "exit":
        sys.stderr.write("about to leave\\n")
        os._exit(3)
    if do == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if do == "print":
        print("noise", flush=True)
        os.system("echo noise")
    if do == "wait":
        if "begun" in task:
            open(task["begun"], "w").close()
        time.sleep(task["seconds"])
    if do == "raise":
        raise ValueError("of the program")
    if do == "tell":
        return {
            "threads": os.environ["OMP_NUM_THREADS"],
            "path": sys.path,
            "process": os.getpid(),
            "input": sys.stdin.read(),
        }
    return task.get("value")

def service():
    print("loading", flush=True)
    os.system("echo loading")
    return answer

serve(service)
"""
SMALL = {"mantle.model": "lumped", "mantle.shells": 20, "volatiles.hydrogen": "0 kg"}  # one unknown
LINUX = pytest.mark.skipif(not os.path.isdir("/proc/net"), reason="reads /proc")


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A program for workers, found by PYTHONPATH; its empty entry must not stand for the current folder."""
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "oddworker.py").write_text(PROGRAM)
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join(["", str(tmp_path / "odd"), os.environ.get("PYTHONPATH", "")])
    )
    monkeypatch.setattr(processes, "WORKER", "oddworker")
    return "a service"


def replies(program, size, contents, **more):
    with Pool(program, size) as pool:
        return {reply.key: reply for reply in pool.work(enumerate(contents), **more)}, pool


def test_answers_keep_their_last_bit_through_all_noise(program):
    numbers = [
        0.1 + 0.2,
        5e-324,
        -0.0,
        math.inf,
        1.7976931348623157e308,
        2**70,
        "Wärme 火\n",
        None,
        {"a": [1.5, {}]},
    ]
    reply_of, _ = replies(
        program, 2, [{"do": "print", "value": value} for value in numbers] + [{"value": math.nan}]
    )
    assert [reply_of[k].answer for k in range(len(numbers))] == numbers and math.copysign(
        1, reply_of[2].answer
    ) == -1
    assert math.isnan(reply_of[len(numbers)].answer)


def test_what_pythons_start_prints_is_no_answer(program, tmp_path):
    """sitecustomize of some installations prints, before the worker's first line."""
    (tmp_path / "odd" / "sitecustomize.py").write_text('print("hello\\nthere", flush=True)\n')
    reply_of, pool = replies(program, 1, [{"value": 1}])
    assert reply_of[0].answer == 1 and pool.deaths == 0


def test_a_task_that_ends_its_process_fails_and_the_others_are_done(program):
    reply_of, pool = replies(
        program, 2, [{"value": 1}, {"do": "exit"}, {"value": 2}, {"do": "kill"}, {"value": 3}]
    )
    assert [reply_of[k].answer for k in range(5)] == [1, None, 2, None, 3] and pool.deaths == 2 * ATTEMPTS
    assert reply_of[1].death == "exit status 3; its last words: about to leave"
    assert reply_of[3].death == "killed by SIGKILL; was there enough memory?"


def test_a_program_that_does_not_work_is_an_error_and_no_endless_loop(program, tmp_path):
    with pytest.raises(mo.MocoupledError, match="ValueError: of the program"):
        replies(program, 1, [{"do": "raise"}])
    (tmp_path / "odd" / "oddworker.py").write_text("raise SystemExit('no library')")
    with pytest.raises(
        mo.MocoupledError, match="end before they are ready .exit status 1; its last words: no library"
    ):
        replies(program, 2, [{}, {}])


def test_workers_have_one_blas_thread_and_nothing_of_the_current_folder(program, tmp_path, monkeypatch):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    for library in ("json", "queue", "subprocess", "multiprocessing", "numpy", "sitecustomize"):
        (here / f"{library}.py").write_text("raise SystemExit(7)")
    before = dict(os.environ)
    reply_of, _ = replies(program, 1, [{"do": "tell"}])
    assert reply_of[0].answer["threads"] == "1" and reply_of[0].answer["input"] == ""
    assert not {"", ".", str(here)} & set(reply_of[0].answer["path"])
    assert dict(os.environ) == before


def test_a_relative_search_path_means_the_same_place_in_a_worker(program, tmp_path, monkeypatch):
    """The process that starts it has changed its folder meanwhile: the new one is not searched."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([".", os.environ["PYTHONPATH"]]))
    monkeypatch.chdir(tmp_path)
    reply_of, _ = replies(program, 1, [{"do": "tell"}])
    assert str(tmp_path) not in reply_of[0].answer["path"] and "." not in reply_of[0].answer["path"]
    monkeypatch.syspath_prepend(tmp_path)
    reply_of, _ = replies(program, 1, [{"do": "tell"}])
    assert str(tmp_path) in reply_of[0].answer["path"]


def test_a_press_ends_the_work_at_once(program, tmp_path):
    """The press comes when the worker is in the middle of a task that would never end."""
    begun = tmp_path / "begun"
    endless = {"do": "wait", "seconds": ENDLESS, "begun": str(begun)}
    with Pool(program, 1) as pool:
        assert list(pool.work([(0, endless), (1, {})], begun.exists)) == []
        assert pool.under_way == {0}


@LINUX
def test_workers_end_with_the_process_that_started_them(program):
    """kill -9 of the parent: a worker in the middle of its task is gone soon after."""
    parent = """
from mocoupled.runs import processes
processes.WORKER = "oddworker"
with processes.Pool("a service", 1) as pool:
    for reply in pool.work([(0, {"do": "tell"}), (1, {"do": "wait", "seconds": 600})]):
        print(reply.answer["process"], flush=True)
"""
    paths = os.pathsep.join([os.environ["PYTHONPATH"], ENVIRONMENT["PYTHONPATH"]])
    with subprocess.Popen(
        [sys.executable, "-c", parent],
        env=ENVIRONMENT | {"PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        worker = int(process.stdout.readline())
        assert lives(worker)
        process.kill()
    until(lambda: not lives(worker))


# ---- of a sweep and of a paper


@LINUX
def test_a_sweep_opens_no_port_and_never_imports_the_script(tmp_path):
    """From a script without a guard, in a thread and in a daemonic process: no process of the sweep has a
    socket of any kind while its cases run, and the script's top level runs once."""
    (tmp_path / "script.py").write_text(
        f"""
import multiprocessing, os, sys, threading
sys.path.append({str(TESTS)!r})
import mocoupled as mo
from support.processes import children, listening, sockets
print("top level", flush=True)
case = mo.Case.read("E1").replace({SMALL!r})
def sweep(name):
    looks = {{}}
    def look(fraction, text):
        for process in (os.getpid(), *children(os.getpid())):
            looks.setdefault(process, set()).update(sockets(process) | listening() & sockets(process))
    result = mo.sweep(case, {{"planet.gravity": [9.0, 10.0]}}, workers=1, progress=look)
    assert len(looks) >= 2, looks
    print(name, *result.status.values, "sockets:", sum(map(len, looks.values())), flush=True)
daemon = multiprocessing.get_context("fork").Process(target=sweep, args=("daemonic",), daemon=True)
daemon.start()
daemon.join()
thread = threading.Thread(target=sweep, args=("thread",))
thread.start()
thread.join()
"""
    )
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=HANG,
    )
    assert (
        done.stdout
        == "top level\ndaemonic complete complete sockets: 0\nthread complete complete sockets: 0\n"
    ), done.stderr


def test_a_case_that_takes_its_workers_along_has_failed(tmp_path, monkeypatch):
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "deadly.py").write_text("""
import os, signal
from mocoupled.runs import main_job
prepare = main_job.prepare
def dies(case, *sensitivities):
    if case.planet.gravity == 9.5:
        os.kill(os.getpid(), signal.SIGKILL)
    return prepare(case, *sensitivities)
main_job.prepare = dies
from mocoupled.runs.worker import main
main()
""")
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(tmp_path / "odd"), os.environ.get("PYTHONPATH", "")])
    )
    monkeypatch.setattr(processes, "WORKER", "deadly")
    case = mo.Case.read("E1").replace(SMALL)
    with pytest.warns(UserWarning, match="2 cases: 1 complete, 1 failed"):
        result = mo.sweep(case, {"planet.gravity": [9.5, 10.0]}, output=tmp_path / "out", workers=1)
    assert result.status.values.tolist() == ["failed", "complete"]
    assert (
        result.reason.values[0]
        == "its worker died 3 times, at last killed by SIGKILL; was there enough memory?"
    )
    status = json.loads((tmp_path / "out" / "cases" / "000000" / "status.json").read_text())
    assert status["status"] == "failed" and "died 3 times" in status["reason"]
    assert mo.read(tmp_path / "out").status.values.tolist() == result.status.values.tolist()


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there is no such signal")
def test_a_lost_connection_keeps_what_is_done(tmp_path):
    """SIGHUP, as of a dropped ssh: as Ctrl-C; what is done is in the table, and --resume continues it."""
    (tmp_path / "grid.toml").write_text(
        'case = "E1"\n[set]\nmantle.model = "lumped"\nmantle.shells = 20\nvolatiles.hydrogen = "0 kg"\n'
        "[axes]\nplanet.gravity = {from = 9, to = 10, number = 4}\n"
    )
    signals = tmp_path / "signals"
    with paused_worker.start(
        ["sweep", "grid.toml", "-o", "out", "--workers", "1"],
        signals,
        cwd=tmp_path,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    ) as process:  # also under nohup
        until((signals / REACHED).exists, process)
        process.send_signal(signal.SIGHUP)
        _, err = process.communicate(timeout=HANG)
    assert process.returncode == 130 and "--resume" in err, err
    status = mo.read(tmp_path / "out").status.values.tolist()
    assert status == ["complete", "interrupted", "not run", "not run"]
    assert not [path for path in (tmp_path / "out").iterdir() if path.name.startswith(".")]
