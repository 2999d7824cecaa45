"""The deployment of a province: its manifests, and its history in PostgreSQL."""
