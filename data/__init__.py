"""The reference network of Korea, how it is built from its sources, and a generator of networks like it."""
