"""Rating scales, scored exactly as their papers say (domain.md §5); pure."""
