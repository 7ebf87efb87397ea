"""Task variants: what a turn asks and how its answer comes about. One file each; `registry` lists them."""
