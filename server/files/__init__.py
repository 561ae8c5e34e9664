"""Files that people bring: what one is, its pages as plain pictures, and where they lie encrypted."""
