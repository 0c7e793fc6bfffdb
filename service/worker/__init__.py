"""What happens without anybody asking: due timers fire, messages go out. The database knows what, the broker when."""
