"""What the project itself is kept with: the catalogue of rules, and the benchmarks. It is not installed."""
