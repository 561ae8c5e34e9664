"""Every change of a case: load, let the rules decide, save, publish, record."""
