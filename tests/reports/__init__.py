"""What the bureau reads, sends out and gets back."""
