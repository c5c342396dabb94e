"""Settings, errors, ids, keys, paging and logs, for all layers. Contains nothing of the product's features."""
