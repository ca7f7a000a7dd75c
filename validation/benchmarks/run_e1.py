"""Benchmark of the E1 case of Bower et al. 2022: error, work and time of `mocoupled run E1` in one line.

    python validation/benchmarks/run_e1.py

Exit status 1 when an error or an amount of work is above its limit. Times are printed and never judged.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# error: as promised of every stored run; before projection, that of the integrator at rtol = 1e-6
LARGEST_ERROR = {"element": 1e-10, "energy": 1e-10, "equilibrium": 1e-8, "integrator_equilibrium": 1e-6}
# work: a quarter above 320 steps, 936 rates, 62 Jacobians and 143 factorizations
LARGEST_WORK = {"steps": 400, "rates": 1170, "jacobians": 77, "factorizations": 179}


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "E1"
        whole = seconds("-m", "mocoupled", "run", "E1", "-q", "-o", str(output))
        summary = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    times = {
        "start-up": started(),
        "march": summary["statistics"]["wall"],
        "whole": whole,
        "help": fastest("-m", "mocoupled", "--help"),
        "import": fastest("-c", "import mocoupled"),
    }
    error = {name: summary["largest_drift"][f"{name}_drift"] for name in LARGEST_ERROR}
    work = {name: summary["statistics"][name] for name in LARGEST_WORK}
    print(
        "run E1: error "
        + ", ".join(f"{name} {value:.1e}" for name, value in error.items())
        + "; work "
        + ", ".join(f"{value} {name}" for name, value in work.items())
        + "; time "
        + ", ".join(f"{name} {value:.2f} s" for name, value in times.items())
    )
    failures = [f"{name} drift {error[name]:.1e} is above {most:.0e}" for name, most in LARGEST_ERROR.items() if not error[name] <= most]
    failures += [f"{work[name]} {name} are more than {most}" for name, most in LARGEST_WORK.items() if not work[name] <= most]
    if summary["status"] != "complete":
        failures.append(f"the run ended as {summary['status']}: {summary['end']}")
    for failure in failures:
        print(f"run E1: {failure}", file=sys.stderr)
    return 1 if failures else 0


def started() -> float:
    """Seconds to assemble, generate and solve the start, the libraries being loaded."""
    from mocoupled import Case
    from mocoupled.run import prepare

    return prepare(Case.read("E1")).wall


def fastest(*arguments: str) -> float:
    """The shortest of three wall times, so that a cold disk does not count."""
    return min(seconds(*arguments) for _ in range(3))


def seconds(*arguments: str) -> float:
    """Wall time of Python with these arguments; CalledProcessError when it fails."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
