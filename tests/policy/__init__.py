"""Policies that are read, and files that are refused."""
