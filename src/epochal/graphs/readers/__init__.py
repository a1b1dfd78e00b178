"""Readers of training logs, ours and foreign ones: from any file to a `Graph`.

Never guesses in silence: what was mapped, guessed and ignored stands in the graph's `notes`. Begin reading in `log.py`,
then `formats.py`.
"""

from epochal.graphs.readers.log import read_log, read_runs

__all__ = ["read_log", "read_runs"]
