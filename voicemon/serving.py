"""The life of a worker process: one call after the other, by one loaded model, until nobody is there to give it another."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any

from .audio.allocator import give_back
from .collector import collect_rarely
from .pipeline import Analyst

PR_SET_PDEATHSIG = 1  # prctl(2)
AT_REST_S = 1.0
"""After so long without a call what the last ones took goes back to the system, and OUT is left alone."""


def serve(link: Connection[Any, Any], analyst: Analyst[Any]) -> None:
    """Do what comes over ``link``: a job, or the analyst of all that follow, who keeps the model that is loaded."""
    _end_with_parent()
    collect_rarely()
    # Ctrl-C stays held back: it goes to the whole group, and the run decides for all. SIGTERM is how an exiting run ends what is left.
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    with suppress(EOFError, OSError):
        while True:
            analyst.tell_length = lambda seconds: link.send(("length", seconds))
            if not link.poll(AT_REST_S):
                analyst.store.database.close()  # opened again at the next call
                give_back()
            order = link.recv()
            if isinstance(order, Analyst):
                analyst.store.database.close()
                analyst = order.succeeding(analyst)
            else:
                link.send(("done", analyst.analyse(order)))


def _end_with_parent() -> None:
    """However the process that started this one ends, this one ends too: by the kernel on Linux, else by a thread that watches."""
    parent = multiprocessing.parent_process()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is None:
        return

    def watch(sentinel: Any) -> None:
        wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, args=(parent.sentinel,), daemon=True).start()
