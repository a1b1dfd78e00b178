"""The program that decodes strangers' pictures for a server.

    python -m epochal.datasets.decoder_process FD MEMORY SHARED

It speaks over a socket that it was given, in frames: 4 bytes, the length of a JSON object; the object, whose `size`
is the number of bytes behind it; those bytes. Pixels for a net lie in memory that both share, where SHARED is its file
and they fit; then no bytes come, and the object says `is_shared`. It may not take more memory than it was told (macOS
does not limit that), compute longer than `CPU_S` on one picture, or write a file. What a hostile picture makes of it is
one dead process and one refused picture.
"""

import io
import json
import math
import mmap
import socket
import struct
import sys
import time
from typing import Any

CPU_S = 20  # a whole PNG of 200 million pixels takes 5
HEAD = struct.Struct(">I")
SHARED_BYTES = 3 * 2048 * 2048  # the canvas of a net; touched pages alone take memory
NOT_SHARED = -1
FIELDS_BYTES_MAX = 1 << 20


def receive(
    connection: socket.socket, limit_bytes: float = math.inf, until: float = math.inf
) -> tuple[dict[str, Any], bytearray]:
    """The next frame: its object and its bytes.

    Args:
        connection: to read from.
        limit_bytes: more than these are none that was asked for, and memory for them is not even taken.
        until: `time.monotonic()` by which it has to be there, but for one wait that the socket allows.

    Raises:
        EOFError: the other side is gone.
        TimeoutError: it is too slow.
        ValueError: it is no such frame.
    """
    head_bytes = HEAD.unpack(_exactly(connection, HEAD.size, until))[0]
    if head_bytes > FIELDS_BYTES_MAX:
        raise ValueError(f"{head_bytes} bytes of fields")
    fields = json.loads(_exactly(connection, head_bytes, until))
    if not isinstance(fields, dict) or not 0 <= int(fields["size"]) <= limit_bytes:
        raise ValueError("no fields, or more bytes than may come")
    return fields, _exactly(connection, int(fields["size"]), until)


def send(connection: socket.socket, fields: dict[str, Any], data: Any = b"") -> None:
    """Send a frame; `data` is anything with bytes in it."""
    head = json.dumps({**fields, "size": len(data)}).encode()
    connection.sendall(HEAD.pack(len(head)) + head)
    if len(data):
        connection.sendall(data)


def _exactly(connection: socket.socket, size: int, until: float) -> bytearray:
    data = bytearray(size)
    view, have = memoryview(data), 0
    while have < size:
        if time.monotonic() > until:
            raise TimeoutError
        got = connection.recv_into(view[have:])
        if not got:
            raise EOFError
        have += got
    return data


def _limit(memory_bytes: int) -> None:
    import resource

    if sys.platform != "darwin":  # which refuses it: the system's libraries alone take more addresses
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _begin_anew() -> None:
    """CPU seconds are of the whole process, so the limit moves on with each picture."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used.ru_utime + used.ru_stime) + CPU_S, resource.RLIM_INFINITY))


def _answer(fields: dict[str, Any], data: bytes) -> tuple[dict[str, Any], Any]:
    from epochal.datasets import pictures, thumbnails

    name, limit = str(fields["name"]), int(fields["limit_pixels"])
    if fields["verb"] == "header":
        header = pictures.read_header(data, name, limit)
        return {"wh": header.stored_wh, "orientation": header.orientation}, b""
    wanted = fields["at_least_wh"]
    image = pictures.decode_bytes(data, name, None if wanted is None else (wanted[0], wanted[1]), limit)
    if fields["verb"] == "scale":
        return {}, pictures.scale(image, (wanted[0], wanted[1])).tobytes()
    if fields["verb"] == "thumbnail":
        return {}, thumbnails.draw_thumbnail(image, int(fields["side_px"]), int(fields["quality"]))
    return {"wh": image.size}, image.tobytes()


def serve(connection: socket.socket, shared: mmap.mmap | None) -> None:
    """Answer until the other side is gone; `shared` is the memory that both sides have."""
    from epochal.errors import EpochalError

    while True:
        try:
            fields, data = receive(connection)
        except EOFError:
            return
        _begin_anew()
        try:
            told, content = _answer(fields, bytes(data))
        except EpochalError as error:
            told, content = {"error": str(error)}, b""
        except MemoryError:
            told, content = {"error": f"{fields['name']} needs more memory than decoding may take."}, b""
        if fields["verb"] == "scale" and shared is not None and 0 < len(content) <= len(shared):
            shared[: len(content)] = content
            told, content = {"is_shared": True}, b""
        send(connection, told, content)


def main() -> None:
    """Load what is needed, then live within the limits."""
    from PIL import Image

    import epochal.datasets.pictures
    import epochal.datasets.thumbnails

    small = io.BytesIO()
    Image.new("RGB", (8, 8)).save(small, "JPEG")  # codecs are loaded before the limits hold
    epochal.datasets.pictures.decode_bytes(small.getvalue(), "warm-up")
    shared_file = int(sys.argv[3])
    shared = None if shared_file == NOT_SHARED else mmap.mmap(shared_file, SHARED_BYTES)
    _limit(int(sys.argv[2]))
    with socket.socket(fileno=int(sys.argv[1])) as connection:
        serve(connection, shared)


if __name__ == "__main__":
    main()
