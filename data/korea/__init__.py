"""How the reference network is made: one module an idea, all of them pure functions of `data/sources`."""
