"""A stand-in for `pulumi-language-python`, for machines where the official one cannot be had.

The engine starts it, reads the port it prints first, and asks it to run the program and the policy
packs. What it does, and what people see when a program fails, follows the official host.
"""
