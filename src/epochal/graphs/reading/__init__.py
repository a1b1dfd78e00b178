"""What a training graph says: one verdict and the findings behind it, as pure functions of a `Graph`.

Thresholds and their sources stand in `thresholds.py`; begin reading in `reader.py`.
"""
