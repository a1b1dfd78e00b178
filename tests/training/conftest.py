"""A place for small trainings, and one that nothing interrupted."""

from training_fixtures import one_thread, trainings, whole_run

__all__ = ["one_thread", "trainings", "whole_run"]
