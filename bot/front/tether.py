"""Run a command that cannot outlive its parent: `python -m bot.front.tether PARENT_PID COMMAND…`.

The supervisor may be killed without a chance to clean up (`kill -9`, out of memory). On Linux the
kernel then ends this process, and the command it became, by itself (`prctl(2)`, PR_SET_PDEATHSIG).
A separate program rather than `preexec_fn`, which may deadlock in a process that has threads.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(argv: list[str]) -> None:
    """Tie this process to the parent `argv[0]` (a process id), then become the command `argv[1:]`.

    Exits at once when the parent is already gone; elsewhere than on Linux the command is not tied.
    """
    parent, command = int(argv[0]), argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # died between the fork and the line above
            sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
