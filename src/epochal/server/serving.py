"""Listen on an address and serve until told to end."""

import errno
import gc
import logging
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from epochal.errors import BadInput
from epochal.server.guard import is_loopback
from epochal.server.http_protocol import LimitedHttp
from epochal.server.services import Services

CLOSES_WITHIN_S = 5
# Longer than clients wait between two questions: the roboflow package asks every 5 s on one connection, and one that
# is closed at that very moment is an error to it.
KEEPS_ALIVE_S = 75
LOG = logging.getLogger("epochal.server")


def bind(host: str, port: int, *, has_password: bool = False) -> socket.socket:
    """Take an address before anything else is done, so that a taken one is told at once.

    Args:
        host: an address of this machine, or `localhost`.
        port: 0 takes a free one.
        has_password: whether the owner of the server has one; without it nobody but this machine may ask.

    Raises:
        BadInput: others could reach a server whose owner has no password; no such address; the port is taken or not
            allowed.
    """
    if not is_loopback(host) and not has_password:
        raise BadInput(
            f"--host {host} would let other machines reach this server, whose owner has no password yet. Set one "
            "first: `epochal workspace password`, or sign in on this machine and open Account. A tunnel does without: "
            "ssh -L 8000:127.0.0.1:8000 THIS_MACHINE."
        )
    address = "127.0.0.1" if host == "localhost" else host
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # Trap: without the protocol named, asyncio does not set TCP_NODELAY, and every answer waits 40 ms for an ACK.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address, port))
    except (OSError, OverflowError) as error:
        listening.close()
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        why = "another program listens there" if taken else str(error)
        raise BadInput(
            f"Port {port} of {host} cannot be used: {why}. Name another with --port; 0 takes a free one."
        ) from error
    return listening


def address_of(listening: socket.socket) -> str:
    """Where a browser finds the server, such as `http://127.0.0.1:8000`."""
    host, port = listening.getsockname()[:2]
    host = socket.gethostname() if host in {"0.0.0.0", "::"} else host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """Uvicorn, which also tells when it is ready and ends the streams of events before it waits for requests to end."""

    def __init__(self, app: FastAPI, *, on_ready: Callable[[], None] = lambda: None) -> None:
        """Make a server.

        Args:
            app: of `create_app`.
            on_ready: called when the first request can be answered.
        """
        super().__init__(
            uvicorn.Config(
                app,
                http=LimitedHttp,
                log_config=None,
                access_log=False,  # RequestLog writes ours
                server_header=False,
                date_header=False,
                ws="none",
                lifespan="on",
                proxy_headers=False,
                timeout_graceful_shutdown=CLOSES_WITHIN_S,
                timeout_keep_alive=KEEPS_ALIVE_S,
            )
        )
        self._services: Services = app.state.services
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, then say so."""
        await super().startup(sockets)
        if sockets:
            self._services.scheduler.start(address_of(sockets[0]))
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, which would go on for ever, then wait for the requests that are being answered."""
        self._services.feeds.close()
        await super().shutdown(sockets)


def serve(app: FastAPI, listening: socket.socket, *, on_ready: Callable[[], None]) -> None:
    """Serve in this thread until Ctrl-C; trainings that were started go on.

    Args:
        app: of `create_app`.
        listening: of `bind`.
        on_ready: called when the first request can be answered.
    """

    def settle() -> None:
        # What stands after the start stays for good. Looking through it again and again for garbage would hold up every
        # request meanwhile, for a tenth of a second.
        gc.freeze()
        gc.enable()  # a command that starts a server does without until here
        on_ready()

    with suppress(KeyboardInterrupt):  # which uvicorn raises again when it has closed everything
        Server(app, on_ready=settle).run(sockets=[listening])


class ServerThread:
    """A server in a thread of its own, for a program that does something else meanwhile."""

    def __init__(self, app: FastAPI, listening: socket.socket) -> None:
        """Make the thread; entering the context starts it and waits until it is ready."""
        self.address = address_of(listening)
        self.app = app
        self._ready = threading.Event()
        self._server = Server(app, on_ready=self._ready.set)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listening]}, name="server", daemon=True
        )

    def __enter__(self) -> "ServerThread":
        self._thread.start()
        while not self._ready.wait(0.1):
            if not self._thread.is_alive():
                raise BadInput(f"The server at {self.address} did not start; its log says why.")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(2 * CLOSES_WITHIN_S)
