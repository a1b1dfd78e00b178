"""Epochal: a self-hosted home for object detection. Begin reading in ARCHITECTURE.md."""

__version__ = "0.1.0"
