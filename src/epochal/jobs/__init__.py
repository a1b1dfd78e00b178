"""Trainings: run folders as the record of them, rows as their queue, processes that do the work.

Never torch, never HTTP: a training is started as a process and watched through the files that it writes, or through
what its worker tells. Begin reading in `states.py` and `launcher.py` for runs of a folder, in `scheduler.py` for
trainings of versions.
"""
