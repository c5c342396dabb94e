"""Contains the parts of `bench.fanout`, which measures the relay's throughput and delay, and popular authors."""
