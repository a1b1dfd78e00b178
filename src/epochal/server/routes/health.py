"""Is the server ready?"""

from fastapi import APIRouter

from epochal import __version__
from epochal.server.answers import Health

router = APIRouter(tags=["health"])


@router.get("/health")
async def get_health() -> Health:
    """Answers as soon as the server is ready."""
    return Health(status="ok", version=__version__)
