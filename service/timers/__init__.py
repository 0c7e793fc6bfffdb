"""Due rows: the truth about what falls due and when. Whoever fires them stands above (service.worker)."""
