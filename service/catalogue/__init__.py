"""Power items: what a county may do, by which diagram, with which materials, fee, limits and documents."""
