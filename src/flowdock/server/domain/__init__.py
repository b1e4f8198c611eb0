"""The rules of Flowdock, pure: no HTTP, no SQL, no clock, no randomness."""
