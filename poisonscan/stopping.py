"""Ctrl-C that ends a scan soon, whatever it is doing.

Python acts on a signal when its main thread comes back from compiled code; with large data a single
call may take a minute, and other threads end what they have begun. So a thread of its own hears of
the signal at once: where the scan has not unwound a moment later, it ends the process.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread, current_thread, main_thread

from poisonscan.scratch import remove_all

#: Seconds that a scan has to unwind by itself.
_GRACE_S = 1.0

#: Shows the cursor, which a progress line hides, at the start of an empty line.
_CURSOR = "\x1b[?25h\r\x1b[2K"


@contextmanager
def stopping_soon(codes: Mapping[int, int], say: Callable[[int], object]) -> Iterator[None]:
    """End the process soon after a signal, unless this context is left before.

    Parameters
    ----------
    codes
        Exit code for each signal.
    say
        Called with the exit code before the process ends.
    """
    if current_thread() is not main_thread():  # only that one may ask for signals
        yield
        return
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    is_over = Event()

    def watch() -> None:
        while numbers := ours.recv(1):  # nothing comes when the other end is closed
            code = codes.get(numbers[0])
            if code is not None and not is_over.wait(_GRACE_S):
                remove_all()
                if sys.stderr.isatty():
                    sys.stderr.write(_CURSOR)
                say(code)
                sys.stderr.flush()
                os._exit(code)

    watcher = Thread(target=watch, name="poisonscan-signals", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        signal.set_wakeup_fd(before)
        theirs.close()
        watcher.join()
        ours.close()
