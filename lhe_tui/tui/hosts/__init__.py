"""What the app holds for its screens: the open run, the open experiment, and how a route becomes a screen."""
