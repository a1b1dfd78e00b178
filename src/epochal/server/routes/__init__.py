"""One file of routes per package: parse, call one function, shape the answer."""
