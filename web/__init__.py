"""The books in the browser."""
