"""Engines behind interfaces: one package per interface, one module per engine, chosen by URL. No table, no rule."""
