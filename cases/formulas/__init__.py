"""Medical formulas, units of measurement and the laboratory catalogue (domain.md §4.3, §5.3); pure."""
