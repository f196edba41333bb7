"""The program to compare with: the same resources, one after another."""
