# Read a name, and greet whoever has it.
