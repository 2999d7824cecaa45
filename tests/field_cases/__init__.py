"""Small landing folders in the shapes that offices, banks and tax bureaus send, each with the one right result."""
