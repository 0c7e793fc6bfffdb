"""Other engines doing the steps of a licence, each in a process of its own that answers a line per case (`talk`).

Their databases lie beside ours, on SQLite with the same journal and the same flushing.
"""
