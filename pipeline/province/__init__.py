"""Many districts together: who they are, each refreshed by itself, and their published files joined to a province's.

Nothing personal but what a district publishes is read here, and no rule about a single district belongs here.
"""
