"""Trainings as processes and run folders as the record of them; files are the truth, nothing is kept elsewhere.

Never torch, never HTTP: a training is started as a process and watched through the files that it writes.
Begin reading in `states.py`, then `launcher.py`.
"""
