"""Many clients send the same pictures at once, over connections that break. Run: pytest tests/server -k load."""

import socket
import threading
from urllib.parse import urlsplit

import httpx
from project_rows import picture

CLIENTS, PICTURES = 6, 24


def cut_off(client: httpx.Client, path: str, body: bytes, content_type: str) -> None:
    """Begin to send and hang up in the middle."""
    host = urlsplit(str(client.base_url))
    key = client.headers["Authorization"]
    head = f"POST {path} HTTP/1.1\r\nHost: {host.netloc}\r\nAuthorization: {key}\r\nContent-Type: {content_type}\r\n"
    with socket.create_connection((host.hostname, host.port)) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[: len(body) // 2])


def test_uploads__of_many_clients_with_repeats_and_cut_connections_keep_every_image_once(keyed: httpx.Client) -> None:
    made = keyed.post("/api/workspaces/my-workspace/projects", json={"name": "Load"}).json()
    path = f"/api/workspaces/my-workspace/projects/{made['slug']}/images"
    news: list[str] = []
    failures: list[BaseException] = []

    def send(first: int) -> None:
        try:
            with httpx.Client(base_url=keyed.base_url, headers=keyed.headers, timeout=60, trust_env=False) as client:
                for number in range(first, first + PICTURES // 2):  # each picture is sent by three clients
                    request = client.build_request(
                        "POST", path, files={"file": (f"{number}.jpg", picture(number % PICTURES))}
                    )
                    if number % 5 == 0:
                        cut_off(client, path, request.read(), request.headers["Content-Type"])
                    answer = client.send(request)
                    answer.raise_for_status()
                    if not answer.json()["is_duplicate"]:
                        news.append(answer.json()["id"])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=send, args=(at * PICTURES // CLIENTS,)) for at in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    found = keyed.get(path, params={"limit": 100}).json()
    assert found["total"] == PICTURES
    assert sorted(image["id"] for image in found["images"]) == sorted(news), "each was new to one client alone"
