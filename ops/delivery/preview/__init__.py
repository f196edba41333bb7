"""A preview as people read it on a pull request.

`events` (or `ops.delivery.rendering`) makes a `Report`, free of secrets, which may leave the
machine; `markdown` makes a comment of it, wherever that is safe to post from.
"""
