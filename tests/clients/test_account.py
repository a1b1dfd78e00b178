"""Contract §4.1 and §4.2 with the real `roboflow` package. Run: pytest tests/clients/test_account.py."""

from typing import Any

import httpx

CODE = """
import os
from roboflow import Roboflow
rf = Roboflow(api_key=os.environ["KEY"])
workspace = rf.workspace()
print(workspace.url, workspace.name, sep="|")
assert rf.workspace(os.environ["WORKSPACE"]).url == workspace.url
try:
    Roboflow(api_key="ep_wrong").workspace()
except RuntimeError as error:
    print(type(error).__name__, "mistyped" in str(error))
"""


def test_account__finds_its_workspace_and_is_told_of_a_wrong_key(platform: Any, run_client: Any) -> None:
    lines = run_client(CODE).splitlines()
    assert f"{platform.workspace}|My workspace" in lines
    assert "RuntimeError True" in lines


LOGIN = """
import json, os
import getpass
getpass.getpass = lambda prompt: os.environ["KEY"]
import roboflow
roboflow.getpass = getpass.getpass
roboflow.login(force=True)
held = json.load(open(os.environ["ROBOFLOW_CONFIG_DIR"]))
print("LOGIN", held["RF_WORKSPACE"], [one["apiKey"] == os.environ["KEY"] for one in held["workspaces"].values()])
os.remove(os.environ["ROBOFLOW_CONFIG_DIR"])
roboflow.getpass = lambda prompt: "wrong"
try:
    roboflow.login(force=True)
except ValueError as error:
    print("WRONG", error)
"""


def test_login__takes_a_key_for_a_token(platform: Any, run_client: Any) -> None:
    said = run_client(LOGIN)
    assert f"LOGIN {platform.workspace} [True]" in said
    assert "WRONG Invalid API key." in said


SEARCH = """
import os
from roboflow.adapters import rfapi
for key in (None, os.environ["KEY"]):
    print("FOUND", [one["name"] for one in rfapi.search_universe("wallaby", api_key=key)["results"]])
try:
    rfapi.search_universe("wallaby", api_key="ep_wrong")
except rfapi.RoboflowError as error:
    print("WRONG", "mistyped" in str(error))
"""


def test_universe__is_searched_without_a_key_too(platform: Any, run_client: Any) -> None:
    headers = {"Authorization": f"Bearer {platform.key}"}
    address = f"{platform.address}/api/workspaces/{platform.workspace}/projects"
    for name, is_public in (("Wallabies shown", True), ("Wallabies hidden", False)):
        form = {"name": name, "description": "A wallaby.", "is_public": is_public}
        assert httpx.post(address, json=form, headers=headers, trust_env=False).status_code == 201
    lines = run_client(SEARCH).splitlines()
    assert lines.count("FOUND ['Wallabies shown']") == 2
    assert "WRONG True" in lines
