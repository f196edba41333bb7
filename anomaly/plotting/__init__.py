"""Pictures of series: what was measured, what was expected, where alerts were open.

Pure: arrays in, text of an SVG file out. No library draws; the zipapp has none.
"""
