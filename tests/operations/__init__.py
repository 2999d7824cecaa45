"""Running every night while people read: faults, readers, privacy, backup, automation."""
