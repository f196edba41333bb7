"""What lets a release into production: a signed verdict of the environment that tried it.

Pure, but for `checkout`, which asks Git and reads the papers. Who collects verdicts is `delivery`'s
concern, and who refuses a release without one `policy`'s; both hold them against this package.
"""
