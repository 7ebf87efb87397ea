"""Sessions in the forms that other programs and people take: CSV, JSON, SVG, HTML, datasets."""
