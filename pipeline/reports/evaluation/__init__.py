"""The report 绩效评价报告."""
