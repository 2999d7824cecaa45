"""The workbooks that go to townships and bureau."""
