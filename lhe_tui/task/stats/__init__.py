"""Statistics: intervals, tests, the horizon length and the self-conditioning estimate. Pure."""
