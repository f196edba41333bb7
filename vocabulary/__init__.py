"""Names that more than one layer must spell the same way: kinds, labels, annotations.

Components write them, policies and operations read them; nothing here has behaviour.
"""
