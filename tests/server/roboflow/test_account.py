"""Contract §4.1 and §4.2. Run: pytest tests/server/roboflow/test_account.py."""

import httpx


def test_root__is_the_web_app_without_a_key_and_the_workspace_with_one(client: httpx.Client, keyed: object) -> None:
    page = client.get("/")
    assert page.headers["Content-Type"].startswith("text/html")
    key = keyed.headers["Authorization"].split()[1]
    for answer in (
        client.post("/", params={"api_key": key}),
        client.get("/", params={"api_key": key, "nocache": "true"}),
        keyed.get("/"),
    ):
        assert answer.status_code == 200
        assert answer.json()["workspace"] == "my-workspace"
    assert client.get("/", params={"api_key": "wrong"}).status_code == 401


def test_workspace__has_all_that_the_client_reads(keyed: httpx.Client) -> None:
    found = keyed.get("/my-workspace").json()["workspace"]
    assert (found["name"], found["url"], found["members"]) == ("My workspace", "my-workspace", 1)
    assert isinstance(found["projects"], list)


def test_app__keeps_its_own_addresses(client: httpx.Client) -> None:
    assert client.get("/assets/app-1.js").status_code == 200
    for path in ("/favicon.ico", "/robots.txt", "/api/none"):
        assert client.get(path).status_code == 404, path
        assert "message" not in client.get(path).json(), "the native shape"


def test_login__takes_a_key_as_its_token(client: httpx.Client, keyed: httpx.Client) -> None:
    key = keyed.headers["Authorization"].split()[1]
    (told,) = client.get(f"/query/cliAuthToken/{key}").json().values()
    assert told == {"url": "my-workspace", "name": "My workspace", "apiKey": key}
    assert client.get("/query/cliAuthToken/wrong").json() is None
