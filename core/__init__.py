"""What every floor may use and what knows nothing of the product: settings, errors, ids, keys, paging, logs."""
