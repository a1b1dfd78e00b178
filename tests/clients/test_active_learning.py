"""Contract §12 with the real `roboflow` package: `workspace.active_learning` predicts with us and uploads to us."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import select

from epochal.datasets.tables import ImageRow
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.workspaces.workspaces import find_workspace
from server.at_work import add_working_model, picture

CODE = """
import os, sys, json
from roboflow import Roboflow
slug, folder = sys.argv[1:]
workspace = Roboflow(api_key=os.environ["KEY"]).workspace()
told = workspace.active_learning(
    raw_data_location=folder, raw_data_extension=".png", inference_endpoint=[slug, 1], upload_destination=slug,
    conditionals={"confidence_interval": [1, 100], "required_objects_count": 1},
)
print(json.dumps([len(one["predictions"]) for one in told]))
"""


def test_active_learning__of_the_client(platform: Any, run_client: Any, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{platform.data_dir / 'epochal.sqlite'}")
    blobs = BlobStore(platform.data_dir / "blobs", platform.data_dir / "cache")
    with database.read() as session:
        workspace_id = find_workspace(session, platform.workspace).id
    made = add_working_model(database, blobs, workspace_id, "Learns from clients")
    for seed in range(3):
        (tmp_path / f"{seed}.png").write_bytes(picture(seed))
    said = run_client(CODE, made.slug, str(tmp_path))
    counts = json.loads(said.strip().splitlines()[-1])
    assert len(counts) == 3
    with database.read() as session:
        rows = list(session.scalars(select(ImageRow).where(ImageRow.project_id == made.project_id)))
    database.close()
    assert len(rows) == sum(count > 0 for count in counts) > 0
