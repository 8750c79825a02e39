"""Read the configurations of other trackers, to bring their topics over; run none of their code."""
