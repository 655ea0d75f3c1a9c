"""What no plan can cost less than: dual bounds of a packing, in whole numbers, and what they say about single options."""
