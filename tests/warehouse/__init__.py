"""What stands, what is published, and its proof."""
