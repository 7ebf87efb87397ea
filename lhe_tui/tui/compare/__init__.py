"""The compare screen: two to six sessions overlaid and tested."""
