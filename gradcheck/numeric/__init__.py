"""Derivatives by measurement: finite differences with error bars, complex step, random probes."""
