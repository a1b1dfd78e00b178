"""Versions in the background: generating them, packing their exports, going on with what was left unfinished."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from epochal.datasets.ready_zip import Source
from epochal.datasets.tables import ProjectRow
from epochal.errors import NotFound
from epochal.jobs.background import Background
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.versions.project_exports import find_export, make_export, unfinished_exports
from epochal.versions.project_generating import generate_project_version
from epochal.versions.project_versions import ProjectVersion, find_version_by_id, unfinished_versions
from epochal.versions.settings import explain_settings
from epochal.workspaces.tables import WorkspaceRow


@dataclass(frozen=True)
class VersionWork:
    """What generates and packs, for one server.

    Attributes:
        database, blobs: of the server.
        data_root: the data folder.
        background: where it runs.
    """

    database: Database
    blobs: BlobStore
    data_root: Path
    background: Background

    def generate(self, version_id: str) -> None:
        """Generate a version whose row is there and committed."""
        name = f"version:{version_id}"
        self.background.submit(
            name,
            lambda is_asked_to_stop: generate_project_version(
                self.database,
                self.blobs,
                self.data_root,
                version_id,
                is_cancelled=lambda: is_asked_to_stop() and not self.background.is_closed,
                is_ending=lambda: self.background.is_closed,
            ),
        )

    def cancel(self, version_id: str) -> bool:
        """Ask a generation to stop; False when none runs here."""
        return self.background.cancel(f"version:{version_id}")

    def export(self, version_id: str, format_name: str) -> None:
        """Pack an export whose row is there, committed and `running`."""
        self.background.submit(f"export:{version_id}:{format_name}", lambda _: self._pack(version_id, format_name))

    def go_on(self) -> None:
        """Submit what an earlier server left unfinished."""
        with self.database.read() as session:
            versions, exports = unfinished_versions(session), unfinished_exports(session)
        for version_id in versions:
            self.generate(version_id)
        for version_id, format_name in exports:
            self.export(version_id, format_name)

    def _pack(self, version_id: str, format_name: str) -> None:
        with self.database.read() as session:
            version = find_version_by_id(session, version_id)
            source = describe_source(session, version, find_export(session, version_id, format_name).server_url)
        make_export(
            self.database,
            self.blobs,
            self.data_root,
            version,
            format_name,
            source,
            is_ending=lambda: self.background.is_closed,
        )


def describe_source(session: Session, version: ProjectVersion, server_url: str = "") -> Source:
    """Whose data a version's zip holds and where it is shown, for its README and data.yaml.

    Args:
        session: that reads.
        version: of the zip.
        server_url: the address of this server, without a last slash; without one the zip names no address.

    Raises:
        NotFound: the project is gone.
    """
    project = session.get(ProjectRow, version.project_id)
    workspace = session.get(WorkspaceRow, project.workspace_id) if project else None
    if project is None or workspace is None:
        raise NotFound(f"The project of version {version.number} is not there any more.")
    sentences = explain_settings(version.settings)
    return Source(
        workspace=workspace.slug,
        project=project.slug,
        version=version.number,
        license=project.license,
        url=f"{server_url}/{workspace.slug}/{project.slug}/{version.number}" if server_url else "",
        group=project.annotation_group,
        sentences=sentences,
    )
