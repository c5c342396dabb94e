"""What the erasure of a popular account costs people who publish meanwhile: the parts of `bench.erasure`."""
