"""Programs that run in pods; each is one file that needs nothing but Python's standard library.

The Git server also needs dulwich, which `sandbox.demo.bundle` packs with it.
"""
