"""A function of a script in a new process for each of some arguments, with libraries loaded once for all.

Where the system has no fork each process loads them itself.
"""

import os
import subprocess
import sys

from support.places import PACKAGE
from support.waiting import HANG

SCRIPT = """
{definition}

if __name__ == "__main__":
    import multiprocessing
    {libraries}
    for arguments in {arguments!r}:
        process = multiprocessing.get_context({method!r}).Process(target=work, args=arguments)
        process.start()
        process.join()
        if process.exitcode:
            raise SystemExit(f"it failed with {{arguments}}")
"""


def in_turn(folder, definition, arguments, libraries):
    """Run `work` of a definition with each of the arguments, of a parent that has nothing of ours loaded.

    folder: for the script. libraries: an import statement. Returns the finished process.
    """
    script = folder / "script.py"
    method = "fork" if hasattr(os, "fork") else "spawn"
    text = SCRIPT.format(definition=definition, libraries=libraries, arguments=arguments, method=method)
    script.write_text(text, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(PACKAGE.parent)}
    return subprocess.run(
        [sys.executable, script], env=environment, cwd=folder, capture_output=True, text=True, timeout=HANG
    )
