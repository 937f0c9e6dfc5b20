"""Statistics on arrays: resampling, intervals, tests, corrections; pure functions, no files, no clock."""
