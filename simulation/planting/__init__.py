"""How breaches of each kind are planted, and what is innocent and looks like them; one module a kind."""
