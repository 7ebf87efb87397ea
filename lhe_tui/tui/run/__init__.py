"""The run screen: a live run or a replay, and the switches that steer it."""
