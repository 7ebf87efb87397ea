"""Pruning policies: which past turns a request shows. One file each; `registry` lists them."""
