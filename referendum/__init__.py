"""Direct votes: referendum, preferendum, street referendum, theme vote."""
