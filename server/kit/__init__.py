"""The pure ground floor: values every other room speaks with; no I/O."""
