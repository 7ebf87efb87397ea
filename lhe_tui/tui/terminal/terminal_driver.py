"""The terminal as the app holds it: given back whole when a signal comes, and survived when it goes away.

Textual's own driver dies of SIGTERM and SIGHUP with the terminal as it is, waits for ever on a terminal that is gone,
and suspends inside a signal handler, where its queue may be locked.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TextIO

from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
GRACE = 4.0
"""Seconds that the app has to end by itself after a signal; then the process ends, its session whole all the same."""
SAME_SIGNAL = 0.5
"""Seconds within which further signals are taken for the first one's echo."""
TRIES, BETWEEN_TRIES = 100, 0.005
"""How often, and how many seconds apart, a terminal that stands still is offered the way back."""
WAKING_SIGNAL = signal.SIGWINCH
"""One that Textual takes at any time and that does no harm."""
LOOK_EVERY = 1.0
"""Seconds between two looks whether the terminal is still there."""
# An unfinished sequence ended; reports of paste, size, mouse and focus off, line wrap on, the keyboard as it was, back
# from the alternate screen, the cursor on.
_RESTORE = (
    b"\x18\x1b[?2004l\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[?1004l\x1b[?7h"
    b"\x1b[<u\x1b[?1049l\x1b[?25h"
)


class TerminalDriver(LinuxDriver):
    """Textual's driver for Linux and macOS; tells the app which signal came by `app.end_by_signal(number)`."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        # LinuxDriver writes to nothing else than what it finds here.
        self._forgiving = _ForgivingFile(sys.__stderr__, self._terminal_gone)
        self._file = self._forgiving  # type: ignore[assignment]  # it has all of a TextIO that is used there
        self._before: dict[int, Any] = {}
        self._listening = self._suspended = False
        self._ending, self._since = 0, 0.0
        self._watch: asyncio.TimerHandle | None = None

    def start_application_mode(self) -> None:
        """Also listens to signals: from here on the terminal is not as the person left it."""
        self._suspended = False
        if not self._listening:
            self._listen()
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual gives it no types

    def close(self) -> None:
        """Also stops listening, but where the app is only suspended."""
        super().close()
        if not self._suspended:
            self._listen_no_more()

    def suspend_application_mode(self) -> None:
        """Signals are still listened to."""
        self._suspended = True
        super().suspend_application_mode()

    # ---- signals

    def _listen(self) -> None:
        self._listening = True
        for number in ENDING_SIGNALS:
            before = signal.getsignal(number)
            # A hang-up that nohup has switched off stays off; what a shell switches off for a job behind does not.
            if number != signal.SIGHUP or before is not signal.SIG_IGN:
                self._before[number] = before or signal.SIG_DFL
                signal.signal(number, self._take)
        # In the loop and not in a handler: a handler may come while the queue of what is drawn is locked.
        self._loop.add_signal_handler(signal.SIGTSTP, self._sigtstp_application)
        self._loop.add_signal_handler(signal.SIGCONT, self._continue)
        self._look()

    def _listen_no_more(self) -> None:
        self._listening = False
        if self._watch is not None:
            self._watch.cancel()
        for number, before in self._before.items():
            signal.signal(number, before)
        self._before = {}
        for number in (signal.SIGTSTP, signal.SIGCONT):
            with suppress(RuntimeError, ValueError):  # the loop may be closed
                self._loop.remove_signal_handler(number)

    def _take(self, number: int, _frame: object = None) -> None:
        """The first signal ends the app, a later one the process; also from another thread."""
        if self._ending:
            # A terminal that closes sends several at once: they are one.
            if time.monotonic() - self._since > SAME_SIGNAL:
                self._leave_at_once()
            return
        self._ending, self._since = number, time.monotonic()
        rescue = threading.Timer(GRACE, self._leave_at_once)
        rescue.daemon = True
        rescue.start()
        with suppress(RuntimeError):  # the loop is closed already: the app is as good as gone
            self._loop.call_soon_threadsafe(self._tell_app)

    def _continue(self) -> None:
        """Go on; after a stop that nobody announced the terminal is first given back, and then taken anew."""
        if self._ending:
            return
        if not self._suspended:
            self.suspend_application_mode()
            self._must_signal_resume = True
        self._sigcont_application()
        self._app.call_later(self._app.refresh, layout=True)

    def _tell_app(self) -> None:
        end: Callable[[int], None] | None = getattr(self._app, "end_by_signal", None)
        if end is not None:
            end(self._ending)
        else:
            self._app.exit(return_code=128 + self._ending)

    def _leave_at_once(self) -> None:
        """End the process without waiting for anything; what is recorded is with the system already."""
        self._forgiving.stop()
        restore_terminal(self.fileno, self.attrs_before)
        os._exit(128 + self._ending)

    # ---- a terminal that is gone

    def _look(self) -> None:
        if self.input_tty and not os.isatty(self.fileno):
            self._terminal_gone()
        else:
            self._watch = self._loop.call_later(LOOK_EVERY, self._look)

    def _terminal_gone(self) -> None:
        if not self._ending:
            self._take(signal.SIGHUP)

    def _run_input_thread(self) -> None:
        # Textual's decoder raises on a byte that is no UTF-8, which any terminal or paste may send.
        linux_driver.__dict__["getincrementaldecoder"] = _forgiving_decoder
        try:
            self.run_input_thread()
        except OSError:
            self._terminal_gone()
        except Exception as error:  # noqa: BLE001  a fault in a thread would vanish: it is the app's to tell
            self._app.call_later(self._app._handle_exception, error)


def _forgiving_decoder(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")


class _ForgivingFile:
    """What is drawn on a terminal that is gone is drawn nowhere; `gone` is told once."""

    def __init__(self, file: TextIO | None, gone: Callable[[], None]) -> None:
        self._file = file
        self._gone = gone
        self._lost = file is None

    def write(self, text: str) -> None:
        """Write, or not."""
        self._try(lambda file: file.write(text))

    def flush(self) -> None:
        """Flush, or not."""
        self._try(lambda file: file.flush())

    def stop(self) -> None:
        """Draw nothing more."""
        self._lost = True

    def _try(self, act: Callable[[TextIO], object]) -> None:
        if self._lost or self._file is None:
            return
        try:
            act(self._file)
        except (OSError, ValueError):  # ValueError: closed
            if not self._lost:
                self._lost = True
                self._gone()


def restore_terminal(descriptor: int, attributes: list[Any] | None) -> None:
    """Give the terminal back as it was, as far as that goes without waiting."""
    with suppress(OSError, ValueError, termios.error):
        if attributes is not None:
            termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
    if sys.__stderr__ is None:
        return
    with suppress(OSError, ValueError, termios.error):
        out = sys.__stderr__.fileno()
        os.set_blocking(out, False)
        _write_at_once(out, _RESTORE)
        # The description is shared with the shell that started this process.
        os.set_blocking(out, True)


def _write_at_once(out: int, data: bytes) -> None:
    """Write in place of what a terminal that stands still has not taken yet."""
    for _ in range(TRIES):
        termios.tcflush(out, termios.TCOFLUSH)
        with suppress(BlockingIOError):
            if os.write(out, data) == len(data):
                return
        # A thread that waits to write keeps all others out. A signal ends its wait, and it may not wait again.
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and thread.ident is not None:
                signal.pthread_kill(thread.ident, WAKING_SIGNAL)
        time.sleep(BETWEEN_TRIES)
