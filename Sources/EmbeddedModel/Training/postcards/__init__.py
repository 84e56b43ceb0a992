"""Postcards: a tiny world of stylised landscapes, and the SDXL-shaped model that is trained on it."""
