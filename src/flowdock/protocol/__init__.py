"""What Flowdock is: its endpoints, the shapes on the wire, the tag grammar, the stream framings. Pure, no I/O."""
