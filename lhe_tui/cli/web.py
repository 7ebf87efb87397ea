"""`lhe-tui web`: the app in a browser."""

from __future__ import annotations

import argparse
import shlex
import sys

from lhe_tui.cli.exits import DONE, RunFailed, UsageError
from lhe_tui.cli.output import message
from lhe_tui.cli.parsing import whole_number

NAME = "web"
HELP = "serve the app to a browser"
DESCRIPTION = (
    "Serve the app to a browser on this machine (pip install 'lhe-tui[web]'). Each page that is opened runs an app of "
    "its own. --host opens it to others: whoever can reach it then runs models with your keys and reads your sessions."
)
EXAMPLES = ("lhe-tui web", "lhe-tui web --port 9000")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Where it listens."""
    add = parser.add_argument
    add(
        "--host",
        default="127.0.0.1",
        metavar="NAME",
        help="address to listen on (default: this machine alone)",
    )
    add("--port", type=_port, default=8000, metavar="N", help="port to listen on (default 8000)")


def run(options: argparse.Namespace) -> int:
    """Serve until ctrl+c. Raises CommandError."""
    try:
        from lhe_tui.cli.web_server import LOOPBACK, LocalServer
    except ImportError as error:
        raise UsageError("the app in a browser needs the extra web: pip install 'lhe-tui[web]'") from error
    command = shlex.join([sys.executable, "-m", "lhe_tui"])
    server = LocalServer(command, options.host, options.port, title="lhe-tui")
    message(f"http://{options.host}:{options.port} shows the app; ctrl+c ends it")
    if options.host not in LOOPBACK:
        message("warning: whoever can reach this address runs models with your keys and reads your sessions")
    try:
        server.serve()
    except OSError as error:
        reason = error.strerror or error
        raise RunFailed(f"{options.host}:{options.port} cannot be listened on: {reason}") from None
    return DONE


def _port(text: str) -> int:
    port = whole_number(text)
    if not 1 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"a port is 1 to 65535, not {port}")
    return port
