"""Doors out for the shell: the command `forbundsbok` and what it prints and writes."""
