"""Numbers, quantities, ranges and times: `find_expressions` is the only door."""
