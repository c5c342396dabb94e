"""Rules about which rows and fields a viewer may read."""
