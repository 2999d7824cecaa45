"""What is checked before anything is published."""
