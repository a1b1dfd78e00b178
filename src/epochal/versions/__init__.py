"""Versions: a dataset frozen with its split, preprocessing and augmentation, numbered and hashed. No torch.

Begin with `settings.py` (what can be asked for), then `generating.py` (how a version comes about).
"""

from epochal.versions.generating import Plan, generate_version, plan_version
from epochal.versions.library import Version, describe_version, find_version, list_versions, read_version
from epochal.versions.rendering import encode_picture, preview
from epochal.versions.settings import VersionSettings, explain_settings, parse_settings, read_settings_file

__all__ = [
    "Plan",
    "Version",
    "VersionSettings",
    "describe_version",
    "encode_picture",
    "explain_settings",
    "find_version",
    "generate_version",
    "list_versions",
    "parse_settings",
    "plan_version",
    "preview",
    "read_settings_file",
    "read_version",
]
