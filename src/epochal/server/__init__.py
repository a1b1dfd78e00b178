"""The HTTP server: `app.py` composes, `routes/` translate, `errors.py` maps, `guard.py` keeps strangers out.

Never torch, never logic of its own: a route parses, calls one function and shapes the answer.
Begin reading in `app.py`.
"""
