"""Annotation formats: pure functions between text and annotations, one file per format."""
