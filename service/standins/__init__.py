"""A stand-in bank and a stand-in SMS gateway: real HTTP on loopback, no real money, no real messages.

They know the wire (`service.gateways`) and nothing else of the product, as the real ones do.
"""
