"""Caseround's roof (the files here) and ground floor (the folders here)."""
