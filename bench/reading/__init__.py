"""What it takes to read many series from a server that has them ready.

The server is a process of its own that writes answers as Prometheus does, so that the peak of
memory and the processor time measured are the reader's alone.
"""
