"""Where things are kept: the SQL database and the blob store.

`database.py` knows the dialect (SQLite, PostgreSQL), `blobs.py` the backend (a folder, S3); nobody else does. Each
package declares its own tables in its `tables.py`, on `tables.Table`. Needs the extra `[server]`.
"""
