"""The training graph: journal, series, readers of foreign logs, the reading, the report.

Never imports torch or the server. Begin reading in `graph.py`, then `journal.py`, then `reading/verdict.py`.
"""
