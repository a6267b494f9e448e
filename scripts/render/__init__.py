"""Statements in the formats that they are read in, one a module."""
