"""Counts requests and operations for metrics, where they happen. Adding to a count takes less than a microsecond."""

from gateway.statistics.http import HttpStatistics
from gateway.statistics.operations import OperationStatistics, StatisticsByOperation

__all__ = ["HttpStatistics", "OperationStatistics", "StatisticsByOperation"]
