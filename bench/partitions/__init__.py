"""Statements on partitioned tables, beside the same rows in one table."""
