"""How many posts the relay brings to feeds, how soon, and what somebody popular costs: the parts of `bench.fanout`."""
