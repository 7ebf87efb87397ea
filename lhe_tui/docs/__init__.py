"""Documents that ship with the package: architecture, recipes, formats, glossary."""
