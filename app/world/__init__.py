"""What a request means: questions, scenarios, named plans, and whether facts are sound.

Pure: no store, no HTTP. It reads the entities and the requests of the wire, in which facts are stored too, and makes the
solver's values of them; nothing of the wire knows it.
"""
