"""Forms of a hundred thousand parts, endless fields, ten thousand ranges: refused, and the server answers meanwhile.

Run: pytest tests/server/test_hostile_bodies.py. How quickly it answers meanwhile is measured by
`benchmarks/hostile_bodies.py`.
"""

import http.client
import io
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest
from PIL import Image

HERE = "/api/workspaces/my-workspace/projects"
PARTS, RANGES = 100_000, 10_000


@pytest.fixture
def healthy(keyed: httpx.Client, wait_until: Callable[[Callable[[], bool]], None]) -> Iterator[None]:
    """Asks for the server's health all the while; it must always be told."""
    ends, statuses, failures = threading.Event(), list[int](), list[Exception]()

    def ask() -> None:
        with httpx.Client(base_url=keyed.base_url, timeout=20, trust_env=False) as client:
            while not ends.is_set():
                try:
                    statuses.append(client.get("/health").status_code)
                except httpx.HTTPError as error:
                    failures.append(error)
                ends.wait(0.01)

    asking = threading.Thread(target=ask)
    asking.start()
    wait_until(lambda: len(statuses) > 0)
    yield
    before = len(statuses)
    wait_until(lambda: len(statuses) > before + 1 or failures != [])
    ends.set()
    asking.join()
    assert failures == []
    assert set(statuses) == {200}


@pytest.fixture
def project(keyed: httpx.Client) -> str:
    return str(keyed.post(HERE, json={"name": "Hostile bodies"}).json()["slug"])


def post(keyed: httpx.Client, path: str, body: bytes, kind: str) -> tuple[int, bytes]:
    """Send a body over a connection of its own; the server may answer before it has read all."""
    connection = http.client.HTTPConnection(keyed.base_url.host, keyed.base_url.port, timeout=60)
    headers = {"Authorization": keyed.headers["Authorization"], "Content-Type": kind}
    try:
        connection.request("POST", path, body=body, headers=headers)
    except (BrokenPipeError, ConnectionResetError):  # it has heard enough
        return 0, b""
    try:
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (ConnectionResetError, http.client.BadStatusLine):
        return 0, b""
    finally:
        connection.close()


FILE = b'--x\r\nContent-Disposition: form-data; name="file%d"; filename="a.jpg"\r\n\r\nx\r\n'
FIELD = b'--x\r\nContent-Disposition: form-data; name="field%d"\r\n\r\nx\r\n'
HOSTILE = {
    "files": b"".join(FILE % number for number in range(PARTS)) + b"--x--\r\n",
    "fields": b"".join(FIELD % number for number in range(PARTS)) + b"--x--\r\n",
    "empty parts": b"--x\r\n\r\n\r\n" * PARTS + b"--x--\r\n",
    "no end of a part's headers": b"--x\r\n" + b"X-Header: yes\r\n" * PARTS,
    "a long header": b'--x\r\nContent-Disposition: form-data; name="' + b"a" * 5_000_000 + b'"\r\n\r\nx\r\n--x--\r\n',
    "a huge field": FIELD % 1 + b"a" * 20_000_000 + b"\r\n--x--\r\n",
    "dashes": b"--x\r\n" + b"\r\n--" * 2_000_000,
    "line ends": b"\r\n" * 2_000_000,
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("route", ["native", "roboflow", "inference"])
def test_form__is_refused_and_the_server_answers_meanwhile(
    keyed: httpx.Client, project: str, healthy: None, what: str, route: str
) -> None:
    path = {
        "native": f"{HERE}/{project}/images",
        "roboflow": f"/dataset/{project}/upload",
        "inference": "/api/workspaces/my-workspace/models/none/infer/image",
    }[route]
    status, content = post(keyed, path, HOSTILE[what], "multipart/form-data; boundary=x")
    assert status == 0 or 400 <= status < 500, (status, content[:300])
    assert keyed.get(f"{HERE}/{project}/images").json()["total"] == 0


@pytest.mark.parametrize(
    "ranges",
    [
        "bytes=" + ",".join(f"{number}-{number}" for number in range(0, 2 * RANGES, 2)),
        "bytes=" + ",".join(["0-"] * RANGES),
        "bytes=" + ",".join(f"0-{number}" for number in range(RANGES)),
        "bytes=" + "-" * 30_000,
        "bytes=" + "9" * 30_000 + "-",
        "bytes=5-2,-0,--,0-18446744073709551616",
    ],
    ids=["apart", "all", "growing", "dashes", "digits", "backwards"],
)
def test_ranges__never_send_more_than_the_file(keyed: httpx.Client, project: str, healthy: None, ranges: str) -> None:
    out = io.BytesIO()
    Image.effect_noise((300, 200), 90).save(out, "PNG")
    made = keyed.post(f"{HERE}/{project}/images", files={"file": ("a.png", out.getvalue())}).json()
    path = f"{HERE}/{project}/images/{made['id']}/file"
    whole = keyed.get(path)
    assert whole.content == out.getvalue()
    connection = http.client.HTTPConnection(keyed.base_url.host, keyed.base_url.port, timeout=60)
    connection.request("GET", path, headers={"Authorization": keyed.headers["Authorization"], "Range": ranges})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status in {200, 206, 400, 416, 431}
    assert len(content) <= len(whole.content) + 20_000, "one of a hundred heads of parts has less than 200 bytes"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", "[" * 100_000),
        ("", '{"name": ' * 50_000),
        ("", '{"name": "' + "\\u0000" * 100_000 + '"}'),
        ("", '{"name": ' + "9" * 200_000 + "}"),
        ("", "{" + ",".join(f'"a{number}": 1' for number in range(50_000)) + "}"),
    ],
    ids=["deep lists", "deep objects", "zeros", "digits", "keys"],
)
def test_json__is_refused_and_the_server_answers_meanwhile(
    keyed: httpx.Client, healthy: None, path: str, body: str
) -> None:
    status, _ = post(keyed, HERE + path, body.encode(), "application/json")
    assert status == 0 or 400 <= status < 500
