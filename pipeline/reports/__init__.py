"""What the bureau reads, in Chinese: workbooks, self-evaluation and evaluation report."""
