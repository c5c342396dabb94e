"""Interfaces to external servers: one package per interface, one module per engine, selected by URL.

Contains no tables and no rules of the product.
"""
